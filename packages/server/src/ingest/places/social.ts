import { type PlaceRow, toPlaces } from './place.ts'

/** Social networks, messengers, video and forums. */
export const socialPlaces: readonly PlaceRow[] = toPlaces(
  'Social',
  `
facebook.com | *.facebook.com fb.com *.fb.com fb.me fb.watch facebook.net
  facebookwkhpilnemxj7asaniu7vnjjbiltxjqhye3mhbshg7kx5tfyd.onion
  | com.facebook.katana com.facebook.lite 284882215 | facebook fb facebookpage ad:metaads
instagram.com | *.instagram.com instagr.am ig.me | com.instagram.android com.instagram.lite 389801252
  | instagram ig insta
messenger.com | *.messenger.com m.me | com.facebook.orca com.facebook.mlite 454638411 | messenger msg
threads.com | *.threads.com threads.net *.threads.net | com.instagram.barcelona 6446901002 | threads
whatsapp.com | *.whatsapp.com wa.me whatsapp.net l.wl.co | com.whatsapp com.whatsapp.w4b 310633997 | whatsapp
x.com | *.x.com twitter.com *.twitter.com t.co
  twitter3e4tixl4xyajtrzo62zg5vztmjuricljdp2c5kshju4avyoid.onion
  | com.twitter.android com.twitter.android.lite 333903271 | x twitter twitterx
linkedin.com | *.linkedin.com lnkd.in | com.linkedin.android com.linkedin.android.lite 288429040
  | linkedin linkedincompany
reddit.com | *.reddit.com redd.it *.redd.it | com.reddit.frontpage 1064216828 | reddit
youtube.com | *.youtube.com youtu.be youtube-nocookie.com | com.google.android.youtube 544007664 | youtube yt
tiktok.com | *.tiktok.com | com.zhiliaoapp.musically com.ss.android.ugc.trill 835599320 | tiktok
pinterest.com | *.pinterest.com pinterest.* *.pinterest.* pin.it | com.pinterest 429047995 | pinterest
tumblr.com | *.tumblr.com t.umblr.com | com.tumblr 305343404 | tumblr
bsky.app | *.bsky.app *.bsky.social bsky.social | xyz.blueskyweb.app 6444370199 | bluesky bsky
snapchat.com | *.snapchat.com | com.snapchat.android 447188370 | snapchat snap
telegram.org | *.telegram.org t.me *.t.me telegram.me telegram.dog
  | org.telegram.messenger org.telegram.messenger.web org.telegram.plus org.thunderdog.challegram 686449807
  | telegram tg
discord.com | *.discord.com discordapp.com *.discordapp.com discord.gg | com.discord 985746746 | discord
slack.com | *.slack.com slack-redir.net | com.Slack 618783545 | slack
teams.microsoft.com | *.teams.microsoft.com teams.live.com teams.cloud.microsoft statics.teams.cdn.office.net
  | com.microsoft.teams 1113153706 | teams microsoftteams
signal.org | signal.me signal.group | org.thoughtcrime.securesms 874139669 | signal
line.me | *.line.me lin.ee | jp.naver.line.android 443904275 | line
viber.com | *.viber.com | com.viber.voip 382617920 | viber
kakao.com | *.kakao.com | com.kakao.talk com.kakao.story 362057947 | kakao kakaotalk
wechat.com | weixin.qq.com *.weixin.qq.com weixin110.qq.com | com.tencent.mm 414478124 | wechat weixin
qzone.qq.com | *.qzone.qq.com | com.tencent.mobileqq com.qzone | qq qzone
zalo.me | *.zalo.me | com.zing.zalo | zalo
chat.google.com | mail-chat.google.com | com.google.android.apps.dynamite | googlechat
messages.google.com | | com.google.android.apps.messaging
skype.com | *.skype.com | com.skype.raider | skype
vk.com | *.vk.com vk.ru *.vk.ru vkontakte.ru vk.me vk.cc | com.vkontakte.android com.vk.im 564177498 | vk vkontakte
ok.ru | *.ok.ru odnoklassniki.ru *.odnoklassniki.ru | ru.ok.android 398465290 | odnoklassniki
my.mail.ru
dzen.ru | *.dzen.ru zen.yandex.ru zen.yandex.com | ru.zen.android | dzen zen
weibo.com | *.weibo.com weibo.cn *.weibo.cn t.cn | com.sina.weibo 350962117 | weibo sinaweibo
zhihu.com | *.zhihu.com | com.zhihu.android | zhihu
douban.com | *.douban.com | com.douban.frodo | douban
xiaohongshu.com | *.xiaohongshu.com xhslink.com rednote.com | com.xingin.xhs 741292507 | xiaohongshu rednote
douyin.com | *.douyin.com | com.ss.android.ugc.aweme | douyin
bilibili.com | *.bilibili.com b23.tv | tv.danmaku.bili | bilibili
kuaishou.com | *.kuaishou.com | com.smile.gifmaker | kuaishou
tieba.baidu.com | | com.baidu.tieba | tieba
renren.com | *.renren.com
quora.com | *.quora.com | com.quora.android | quora
medium.com | *.medium.com | com.medium.reader 828256236 | medium
news.ycombinator.com | hn.algolia.com hckrnews.com hnrss.org | | hackernews hn ycombinator
lobste.rs | | | lobsters
slashdot.org | *.slashdot.org | | slashdot
stackoverflow.com | *.stackoverflow.com | | stackoverflow
stackexchange.com | *.stackexchange.com superuser.com serverfault.com askubuntu.com mathoverflow.net | | stackexchange
github.com | gist.github.com | com.github.android 1477376905 | github
gitlab.com | | | gitlab
producthunt.com | *.producthunt.com | com.producthunt.ph | producthunt
indiehackers.com | | | indiehackers
dev.to | | | devto
hashnode.com | | | hashnode
daily.dev | app.daily.dev | | dailydev
flipboard.com | *.flipboard.com flip.it | flipboard.app 358801284 | flipboard
nextdoor.com | *.nextdoor.com nextdoor.* | com.nextdoor | nextdoor
xing.com | *.xing.com | com.xing.android 297625850 | xing
viadeo.com | *.viadeo.com
meetup.com | *.meetup.com | com.meetup | meetup
vimeo.com | *.vimeo.com | com.vimeo.android.videoapp 425194759 | vimeo
dailymotion.com | *.dailymotion.com dai.ly | com.dailymotion.dailymotion | dailymotion
twitch.tv | *.twitch.tv | tv.twitch.android.app 460177396 | twitch
rumble.com | *.rumble.com | | rumble
odysee.com
flickr.com | *.flickr.com flic.kr | | flickr
imgur.com | *.imgur.com | | imgur
9gag.com | *.9gag.com | | 9gag
deviantart.com | *.deviantart.com
behance.net | *.behance.net | | behance
dribbble.com | *.dribbble.com | | dribbble
goodreads.com | *.goodreads.com | com.goodreads | goodreads
last.fm | lastfm.* | | lastfm
soundcloud.com | *.soundcloud.com | com.soundcloud.android | soundcloud
spotify.com | *.spotify.com | com.spotify.music 324684580 | spotify
foursquare.com | *.foursquare.com swarmapp.com | | foursquare
strava.com | *.strava.com | com.strava | strava
steamcommunity.com | | com.valvesoftware.android.steam.community | steam
patreon.com | *.patreon.com | com.patreon.android | patreon
substack.com | open.substack.com | com.substack.app | substack
livejournal.com | *.livejournal.com livejournal.ru | | livejournal
mixi.jp | *.mixi.jp
b.hatena.ne.jp | | | hatena
plurk.com | *.plurk.com
band.us | *.band.us
cafe.naver.com | m.cafe.naver.com
blog.naver.com | m.blog.naver.com
truthsocial.com | | com.truthsocial.android.app | truthsocial
gab.com
gettr.com
mewe.com
minds.com
mix.com | stumbleupon.com | | stumbleupon
digg.com | | | digg
diigo.com
myspace.com
badoo.com | *.badoo.com
taringa.net
tagged.com | *.tagged.com
lemon8-app.com | *.lemon8-app.com | com.bd.nproject | lemon8
bere.al | bereal.com
mastodon.social | | org.joinmastodon.android 1571998974 | mastodon
mastodon.online
mastodon.world
mastodon.cloud
mstdn.social
mstdn.jp
mas.to
fosstodon.org
hachyderm.io
infosec.exchange
techhub.social
chaos.social
troet.cafe
mamot.fr
pawoo.net
social.vivaldi.net
elk.zone
phanpy.social
lemmy.world
lemmy.ml
misskey.io
pixelfed.social
`,
)
