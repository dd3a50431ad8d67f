import { type PlaceRow, toPlaces } from './place.ts'

/** AI assistants. Several add their name as `utm_source` to the links in their answers. */
export const aiPlaces: readonly PlaceRow[] = toPlaces(
  'AI',
  `
chatgpt.com | *.chatgpt.com chat.openai.com labs.openai.com | com.openai.chatgpt 6448311069
  | chatgpt openai chatgptsearch
perplexity.ai | *.perplexity.ai pplx.ai | ai.perplexity.app.android 1668000334 | perplexity perplexityai
claude.ai | *.claude.ai claude.com | com.anthropic.claude 6473753684 | claude claudeai anthropic
gemini.google.com | bard.google.com | com.google.android.apps.bard 6477489729 | gemini bard googlegemini
copilot.microsoft.com | copilot.com copilot.cloud.microsoft m365.cloud.microsoft edgeservices.bing.com
  | com.microsoft.copilot | copilot microsoftcopilot bingchat
notebooklm.google.com | notebooklm.google | com.google.android.apps.labs.language.tailwind | notebooklm
aistudio.google.com
meta.ai | *.meta.ai | | metaai
grok.com | grok.x.com grok.x.ai | ai.x.grok 6670324846 | grok
deepseek.com | *.deepseek.com | com.deepseek.chat 6737597349 | deepseek
chat.mistral.ai | mistral.ai | ai.mistral.chat 6740410176 | mistral mistralai lechat
chat.qwen.ai | qwen.ai chat.qwenlm.ai tongyi.aliyun.com tongyi.com | ai.qwenlm.chat.android | qwen
kimi.com | *.kimi.com kimi.ai kimi.moonshot.cn | com.moonshot.kimichat | kimi
doubao.com | *.doubao.com | com.larus.nova | doubao
yiyan.baidu.com | ai.baidu.com chat.baidu.com | com.baidu.newapp | ernie yiyan wenxin
yuanbao.tencent.com | | com.tencent.hunyuan.app.chat | yuanbao
chat.z.ai | z.ai chatglm.cn | com.zhipuai.qingyan | chatglm zai
poe.com | | com.poe.android 1640745955 | poe
you.com | | com.you.browser | youcom
phind.com | | | phind
iask.ai | | | iask
character.ai | *.character.ai c.ai | ai.character.app | characterai
pi.ai | heypi.com
duck.ai
felo.ai
consensus.app
genspark.ai
manus.im | manus.ai
komo.ai
lumo.proton.me
liner.com | getliner.com
t3.chat
monica.im
app.jasper.ai
alice.yandex.ru
giga.chat
writesonic.com | app.writesonic.com
exa.ai
chatplus.com
`,
)
