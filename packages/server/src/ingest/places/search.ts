import { type PlaceRow, toPlaces } from './place.ts'

/** Search engines. */
export const searchPlaces: readonly PlaceRow[] = toPlaces(
  'Search',
  `
google.com | google.* images.google.* image.google.* ipv4.google.* ipv6.google.* encrypted.google.* cse.google.*
  search.google.* lens.google.* m.google.* *.cdn.ampproject.org
  | com.google.android.googlequicksearchbox com.google.android.apps.searchlite 284815942
  | google googlesearch googleorganic ad:adwords ad:googleadwords ad:googlepaid
bing.com | *.bing.com | com.microsoft.bing 345323231 | bing bingsearch microsoftbing ad:msads ad:microsoftads ad:microsoftadvertising
duckduckgo.com | *.duckduckgo.com ddg.gg duck.com | com.duckduckgo.mobile.android 663592361 | duckduckgo ddg
search.yahoo.com | *.search.yahoo.com search.yahoo.co.jp *.search.yahoo.co.jp yhs.yahoo.com | | yahoo yahoosearch
yandex.com | yandex.* m.yandex.* images.yandex.* ya.ru *.ya.ru
  | ru.yandex.searchplugin com.yandex.browser 483693909 | yandex yandexsearch ad:yandexdirect
baidu.com | m.baidu.com wap.baidu.com image.baidu.com www1.baidu.com www2.baidu.com baidu.cn
  | com.baidu.searchbox 382201985 | baidu
naver.com | m.naver.com search.naver.com *.search.naver.com | com.nhn.android.search 393499958 | naver
ecosia.org | *.ecosia.org | com.ecosia.android 670881887 | ecosia
startpage.com | *.startpage.com startpage.de ixquick.com *.ixquick.com | | startpage
qwant.com | *.qwant.com qwantjunior.com | com.qwant.liberty | qwant
search.brave.com | | com.brave.browser 1052879175 | brave bravesearch
kagi.com | | com.kagi.search | kagi
mojeek.com | mojeek.co.uk *.mojeek.com | | mojeek
swisscows.com | swisscows.ch *.swisscows.com | | swisscows
metager.org | metager.de metager.net | | metager
presearch.com | presearch.org engine.presearch.org | | presearch
search.seznam.cz | m.seznam.cz seznam.cz | cz.seznam.sbrowser | seznam
sogou.com | *.sogou.com | com.sogou.activity.src | sogou
so.com | *.so.com haosou.com *.haosou.com | | 360so haosou
sm.cn | *.sm.cn | | shenma
so.toutiao.com
search.daum.net | *.search.daum.net daum.net m.daum.net | net.daum.android.daum | daum
search.nate.com | *.search.nate.com | | nate
search.aol.com | *.search.aol.com search.aol.co.uk aolsearch.com | | aol
ask.com | *.ask.com | | ask askcom
dogpile.com | *.dogpile.com | | dogpile
webcrawler.com | | | webcrawler
metacrawler.com
lycos.com | search.lycos.com *.lycos.com | | lycos
excite.com | msxml.excite.com search.excite.com | | excite
info.com | search.info.com
search.com
mywebsearch.com | *.mywebsearch.com
search.myway.com | *.myway.com
search.avast.com | | | avast
search.avg.com
search.avira.com | *.search.avira.com safesearch.avira.com
search.norton.com
search.lilo.org | lilo.org | | lilo
oceanhero.today
ekoru.org
givero.com
karmasearch.org
youcare.world
nova.rambler.ru | search.rambler.ru rambler.ru | | rambler
go.mail.ru
sputnik.ru
coccoc.com | *.coccoc.com | com.coccoc.trinhduyet | coccoc
petalsearch.com | | com.huawei.hwsearch | petalsearch petal
yep.com
exalead.com
gigablast.com
search.marginalia.nu | marginalia-search.com
freespoke.com
luxxle.com
entireweb.com
ricerca.virgilio.it
search.tiscali.it
arianna.libero.it | ricerca.libero.it
suche.t-online.de
suche.web.de
suche.gmx.net
fireball.de | fireball.com
lemoteur.orange.fr | search.ke.voila.fr
szukaj.onet.pl
szukaj.wp.pl
najdi.si
zoznam.sk
centrum.cz | search.centrum.cz
search.goo.ne.jp | goo.ne.jp
websearch.rakuten.co.jp
websearch.excite.co.jp
search.auone.jp | sp-search.auone.jp
search.smt.docomo.ne.jp
cgi.search.biglobe.ne.jp
pesquisa.sapo.pt
busca.uol.com.br
search.xfinity.com | search.comcast.net
search.walla.co.il
searx.be | searx.space
searxng.site
wolframalpha.com
andisearch.com
`,
)
