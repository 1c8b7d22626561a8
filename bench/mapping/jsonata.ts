/** The same as a JSONata expression, compiled once, with the same validation at both ends. */
import jsonata from 'jsonata';
import { codes } from './order.ts';
import { compiled } from './validators.ts';

const { isVendorOrder, isKeptOrder } = compiled();

const expression = jsonata(`(
  $date := function($d) { $substring($d, 0, 4) & '-' & $substring($d, 4, 2) & '-' & $substring($d, 6, 2) };
  $point := function($digits, $places) { (
    $d := $pad($digits, -($places + 1), '0');
    $substring($d, 0, $length($d) - $places) & '.' & $substring($d, -$places)
  ) };
  $look := function($table, $code) { (
    $found := $lookup($table, $code);
    $exists($found) ? $found : $error('no mapping of ' & $code)
  ) };
  $party := function($p) { { 'externalNo': $p.NO, 'name': $p.NAME, 'uscc': $p.USCC, 'contact': $p.CONTACT, 'phone': $p.PHONE } };
  {
    'orderNo': ORDER_NO,
    'type': $look($codes.type, ORDER_TYPE),
    'status': $look($codes.status, STATUS),
    'orderDate': $date(CREATED_ON),
    'changedAt': $date(CHANGED_AT) & 'T' & $substring(CHANGED_AT, 8, 2) & ':' & $substring(CHANGED_AT, 10, 2) & ':' & $substring(CHANGED_AT, 12, 2) & '+08:00',
    'currency': $look($codes.currency, CURRENCY),
    'total': $point(TOTAL_FEN, 2),
    'tax': $point(TAX_FEN, 2),
    'freight': $point(FREIGHT_FEN, 2),
    'discount': $point(DISCOUNT_FEN, 2),
    'buyer': $party(BUYER),
    'seller': $party(SELLER),
    'delivery': {
      'warehouseCode': DELIVERY.WAREHOUSE,
      'province': DELIVERY.PROVINCE,
      'city': DELIVERY.CITY,
      'address': DELIVERY.ADDRESS,
      'terms': $look($codes.delivery, DELIVERY.TERMS),
      'from': $date(DELIVERY.FROM),
      'to': $date(DELIVERY.TO)
    },
    'payment': {
      'terms': $look($codes.payment, PAYMENT.TERMS),
      'days': $number(PAYMENT.DAYS),
      'account': {
        'accountName': PAYMENT.ACCT_NAME,
        'accountNo': PAYMENT.ACCT_NO,
        'bankName': PAYMENT.BANK_NAME,
        'bankCode': PAYMENT.CNAPS
      }
    },
    'contractNo': CONTRACT_NO,
    'projectNo': PROJECT_NO,
    'remark': REMARK,
    'salesOrganization': SALES_ORG,
    'channel': CHANNEL,
    'version': $number(VERSION),
    'urgent': URGENT = 'Y',
    'lines': [LINES.{
      'lineNo': LINE_NO,
      'materialCode': MATNR,
      'name': NAME,
      'quantity': $point(QTY, 3),
      'unit': $look($codes.unit, UOM),
      'unitPrice': $point(PRICE_FEN, 2),
      'amount': $point(AMOUNT_FEN, 2),
      'dueDate': $date(DUE)
    }]
  }
)`);

export async function byJsonata(source: unknown): Promise<unknown> {
  if (!isVendorOrder(source)) throw new Error('the source breaks its schema');
  const target: unknown = await expression.evaluate(source, { codes });
  if (!isKeptOrder(target)) throw new Error('the target breaks its schema');
  return target;
}
