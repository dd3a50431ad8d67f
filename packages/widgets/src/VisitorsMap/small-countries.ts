/**
 * Longitude and latitude of the countries that the map of the world has no shape for, because they are too small for its
 * scale of 1:110 million. They are drawn as dots.
 */
const table =
  'AD1.6,42.5 AG-61.8,17.1 AI-63.1,18.2 AS-170.7,-14.3 AW-70,12.5 AX19.9,60.2 ' +
  'BB-59.6,13.2 BH50.5,26 BL-62.8,17.9 BM-64.8,32.3 BQ-68.3,12.2 BV3.4,-54.4 ' +
  'CC96.8,-12.1 CK-159.8,-21.2 CV-23.6,15.1 CW-69,12.2 CX105.6,-10.5 DM-61.4,15.4 ' +
  'FM158.2,6.9 FO-6.9,62.2 GD-61.7,12.1 GF-53.2,3.9 GG-2.6,49.5 GI-5.4,36.1 ' +
  'GP-61.5,16.2 GS-36.7,-54.4 GU144.8,13.4 HK114.1,22.4 HM73.5,-53.1 IM-4.5,54.2 ' +
  'IO72.4,-7.3 JE-2.1,49.2 KI173,1.4 KM43.3,-11.7 KN-62.7,17.3 KY-81.3,19.3 LC-61,13.9 ' +
  'LI9.5,47.1 MC7.4,43.8 MF-63.1,18.1 MH171.2,7.1 MO113.5,22.2 MP145.7,15.2 MQ-61,14.7 ' +
  'MS-62.2,16.7 MT14.4,35.9 MU57.6,-20.3 MV73.5,4.2 NF167.9,-29.1 NR166.9,-0.5 ' +
  'NU-169.9,-19 PF-149.4,-17.7 PM-56.3,46.9 PN-128.3,-24.4 PW134.6,7.5 RE55.5,-21.1 ' +
  'SC55.5,-4.7 SG103.8,1.4 SH-5.7,-16 SJ16,78.5 SM12.5,43.9 ST6.6,0.2 SX-63.1,18 ' +
  'TC-71.7,21.8 TK-171.8,-9.2 TO-175.2,-21.2 TV179.2,-8.5 UM166.6,19.3 VA12.4,41.9 ' +
  'VC-61.2,13.3 VG-64.6,18.4 VI-64.8,17.7 WF-178.1,-14.3 WS-172.4,-13.6 YT45.2,-12.8'

export type Coordinates = readonly [longitude: number, latitude: number]

/** Coordinates by two-letter code. */
export const smallCountries: ReadonlyMap<string, Coordinates> = new Map(
  table.split(' ').map(entry => {
    const [longitude, latitude] = entry.slice(2).split(',').map(Number)
    return [entry.slice(0, 2), [longitude ?? 0, latitude ?? 0]]
  }),
)
