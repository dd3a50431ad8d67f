import '@tidemark/widgets/style.css'
