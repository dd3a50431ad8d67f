import { type PlaceRow, toPlaces } from './place.ts'

/** Advertising networks whose hosts lead a visitor from an ad to its target. */
const adPlaces = toPlaces(
  'Paid',
  `
doubleclick.net | *.doubleclick.net googleadservices.com *.googlesyndication.com googlesyndication.com
  | | doubleclick dv360 displayandvideo360
taboola.com | *.taboola.com | | taboola
outbrain.com | *.outbrain.com | | outbrain
criteo.com | *.criteo.com *.criteo.net | | criteo
adroll.com | *.adroll.com | | adroll
`,
)

/**
 * Services of several hosts without a channel of their own, link shorteners, and services that differ from another
 * place above their host.
 */
const referralPlaces = toPlaces(
  'Referral',
  `
wikipedia.org | *.wikipedia.org | org.wikipedia 324715238 | wikipedia
amazon.com | amazon.* *.amazon.* | com.amazon.mShop.android.shopping | amazon
aws.amazon.com | *.aws.amazon.com
ebay.com | ebay.* *.ebay.* | com.ebay.mobile | ebay
etsy.com | *.etsy.com | com.etsy.android | etsy
news.google.com | news.google.* | com.google.android.apps.magazines 459182288 | googlenews
translate.google.com | translate.google.* *.translate.goog translate.googleusercontent.com
  | com.google.android.apps.translate
maps.google.com | maps.google.* maps.app.goo.gl | com.google.android.apps.maps 585027354 | googlemaps
play.google.com | | com.android.vending
docs.google.com | | com.google.android.apps.docs
archive.org | *.archive.org
business.facebook.com
business.linkedin.com
msn.com | *.msn.com ntp.msn.com | | msn
apple.news | | com.apple.news | applenews
smartnews.com | *.smartnews.com | jp.gocro.smartnews.android | smartnews
newsbreak.com | *.newsbreak.com | com.particlenews.newsbreak | newsbreak
feedly.com | *.feedly.com | com.devhd.feedly | feedly
inoreader.com | *.inoreader.com | com.innologica.inoreader | inoreader
newsblur.com | *.newsblur.com | com.newsblur | newsblur
theoldreader.com
getpocket.com | *.getpocket.com | com.ideashower.readitlater.pro | pocket getpocket
instapaper.com | *.instapaper.com | | instapaper
raindrop.io | *.raindrop.io
alternativeto.net
g2.com | *.g2.com | | g2
capterra.com | *.capterra.com capterra.* | | capterra
trustpilot.com | *.trustpilot.com | | trustpilot
tripadvisor.com | tripadvisor.* *.tripadvisor.com | com.tripadvisor.tripadvisor | tripadvisor
yelp.com | yelp.* *.yelp.com m.yelp.com | com.yelp.android 284910350 | yelp
bit.ly | bitly.com j.mp bitly.is | | bitly
tinyurl.com | *.tinyurl.com | | tinyurl
ow.ly | ht.ly hootsuite.com | | hootsuite
buff.ly | buffer.com publish.buffer.com | | buffer
is.gd | v.gd
dlvr.it | | | dlvr.it dlvrit
ift.tt | ifttt.com | | ifttt
linktr.ee | linktree.com | | linktree
cutt.ly
rebrand.ly | rebrandly.com
shorturl.at
t.ly
tiny.cc
goo.gl
notion.so | *.notion.so notion.com | notion.id | notion
trello.com | | com.trello | trello
atlassian.net | *.atlassian.net
office.com | *.office.com microsoft365.com *.office.net
sharepoint.com | *.sharepoint.com
`,
)

export const otherPlaces: readonly PlaceRow[] = [...adPlaces, ...referralPlaces]
