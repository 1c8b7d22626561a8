/** Currencies inside the hub: ISO 4217. Which of them a counterparty takes is in that counterparty's table. */
import { codeTable, twoWayTable } from './codeTable.ts';

/**
 * Those in which China's trade is invoiced. A currency is added here, with its numeric code, when somebody trades in it:
 * until then it is unmapped.
 */
export const currencyNumbers = twoWayTable('codes.currency-number', 'ISO 4217:2015, list one', {
  '036': 'AUD',
  '048': 'BHD',
  '124': 'CAD',
  '152': 'CLP',
  '156': 'CNY',
  '203': 'CZK',
  '208': 'DKK',
  '344': 'HKD',
  '348': 'HUF',
  '356': 'INR',
  '360': 'IDR',
  '376': 'ILS',
  '392': 'JPY',
  '398': 'KZT',
  '410': 'KRW',
  '414': 'KWD',
  '446': 'MOP',
  '458': 'MYR',
  '484': 'MXN',
  '496': 'MNT',
  '554': 'NZD',
  '578': 'NOK',
  '586': 'PKR',
  '604': 'PEN',
  '608': 'PHP',
  '634': 'QAR',
  '643': 'RUB',
  '682': 'SAR',
  '702': 'SGD',
  '704': 'VND',
  '710': 'ZAR',
  '752': 'SEK',
  '756': 'CHF',
  '764': 'THB',
  '784': 'AED',
  '818': 'EGP',
  '826': 'GBP',
  '840': 'USD',
  '901': 'TWD',
  '949': 'TRY',
  '978': 'EUR',
  '985': 'PLN',
  '986': 'BRL',
});

/** Decimals that the currency has; money of another number of decimals than two has no form in the hub yet. */
export const currencyDecimals = codeTable('codes.currency-decimals', 'ISO 4217:2015, list one: minor units', {
  ...Object.fromEntries(Object.values(currencyNumbers.rows).map((code) => [code, 2])),
  BHD: 3,
  CLP: 0,
  JPY: 0,
  KRW: 0,
  KWD: 3,
  VND: 0,
});

/** The code itself, once it is one that we know. @throws Failure EXT_CODE_UNMAPPED */
export function currencyOf(code: string, pointer?: string): string {
  currencyDecimals.of(code, pointer);
  return code;
}
