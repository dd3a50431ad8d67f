import { type PlaceRow, toPlaces } from './place.ts'

/** Mail clients, and services that show sent mails on the web. */
export const emailPlaces: readonly PlaceRow[] = toPlaces(
  'Email',
  `
mail.google.com | inbox.google.com gmail.com googlemail.com | com.google.android.gm com.google.android.gm.lite 422689480
  | gmail googlemail
outlook.live.com | outlook.com *.mail.live.com outlook.office.com outlook.office365.com outlook.cloud.microsoft
  outlook.office365.us hotmail.com *.safelinks.protection.outlook.com
  | com.microsoft.office.outlook 951937596 | outlook hotmail
mail.yahoo.com | *.mail.yahoo.com mail.yahoo.co.jp *.mail.yahoo.co.jp
  | com.yahoo.mobile.client.android.mail 577586159 | yahoomail
mail.aol.com | *.mail.aol.com | com.aol.mobile.aolapp | aolmail
mail.proton.me | mail.protonmail.com account.proton.me | ch.protonmail.android 979659905 | protonmail
app.fastmail.com | fastmail.com fastmail.fm betaapp.fastmail.com | com.fastmail.app 931370077 | fastmail
app.tuta.com | app.tutanota.com mail.tutanota.com | de.tutao.tutanota 922429609 | tutanota
app.hey.com | | com.basecamp.hey
mail.zoho.com | mail.zoho.eu mail.zoho.in mail.zoho.com.au | com.zoho.mail | zohomail
mail.superhuman.com | | com.superhuman.mail
sparkmailapp.com | | com.readdle.spark 997102246 | sparkmail
thunderbird.net | | net.thunderbird.android com.fsck.k9 | thunderbird
email.samsung.com | | com.samsung.android.email.provider
mail.yandex.com | mail.yandex.ru mail.yandex.* | ru.yandex.mail 441737824
e.mail.ru | touch.mail.ru light.mail.ru octavius.mail.ru | ru.mail.mailapp com.my.mail 511310430
gmx.net | *.gmx.net gmx.com *.gmx.com gmx.de deref-gmx.net deref-gmx.com deref-gmx.fr | de.gmx.mobile.android.mail
  | gmx
web.de | *.web.de deref-web.de deref-web-02.de | de.web.mobile.android.mail | webde
mail.com | *.mail.com deref-mail.com | com.mail.mobile.android.mail
email.t-online.de | | de.telekom.mail
mail.qq.com | *.mail.qq.com | com.tencent.androidqqmail | qqmail
mail.163.com | *.mail.163.com | com.netease.mail
mail.126.com
mail.naver.com | | com.nhn.android.mail
mail.daum.net
mail.rediff.com | *.rediffmail.com
mail.libero.it | *.mail.libero.it
mail.orange.fr | messagerie.orange.fr webmail.orange.fr
mail.laposte.net | webmail.laposte.net
poczta.onet.pl
poczta.wp.pl
poczta.o2.pl
poczta.interia.pl
email.seznam.cz | | cz.seznam.email
freemail.hu
email.bt.com
mailchimp.com | mailchi.mp *.campaign-archive.com *.list-manage.com | | mailchimp
createsend.com | *.createsend.com *.cmail19.com *.cmail20.com | | campaignmonitor
klaviyo.com | | | klaviyo
mailerlite.com | *.mlsend.com | | mailerlite
sendgrid.com | *.sendgrid.net | | sendgrid
brevo.com | *.sendibm1.com *.sendinblue.com | | brevo sendinblue
beehiiv.com | *.beehiiv.com | | beehiiv
buttondown.com | buttondown.email | | buttondown
kit.com | *.kit.com convertkit.com *.convertkit.com *.ck.page | | convertkit
activecampaign.com | *.activehosted.com | | activecampaign
constantcontact.com | *.constantcontact.com | | constantcontact
mailjet.com | *.mailjet.com | | mailjet
rapidmail.de | *.rapidmail.de | | rapidmail
cleverreach.com | *.cleverreach.com | | cleverreach
`,
)
