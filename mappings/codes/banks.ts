/**
 * Bank routing codes (联行号, CNAPS): twelve digits. The first three name the bank (行别代码), the next four the city, the
 * next four the branch, the last is a check digit whose rule is not published: it is not checked.
 */
import { Failure } from '../../contracts/failures.ts';
import { codeTable } from './codeTable.ts';

/** From public lists of routing codes; a new bank gets a row before its first account. */
export const banks = codeTable('codes.bank', 'CNAPS 行别代码 as in the published list of routing codes', {
  '102': '中国工商银行',
  '103': '中国农业银行',
  '104': '中国银行',
  '105': '中国建设银行',
  '201': '国家开发银行',
  '202': '中国进出口银行',
  '203': '中国农业发展银行',
  '301': '交通银行',
  '302': '中信银行',
  '303': '中国光大银行',
  '304': '华夏银行',
  '305': '中国民生银行',
  '306': '广发银行',
  '307': '平安银行',
  '308': '招商银行',
  '309': '兴业银行',
  '310': '上海浦东发展银行',
  '313': '城市商业银行',
  '314': '农村商业银行',
  '315': '恒丰银行',
  '316': '浙商银行',
  '317': '农村合作银行',
  '318': '渤海银行',
  '319': '徽商银行',
  '320': '村镇银行',
  '402': '农村信用合作社',
  '403': '中国邮政储蓄银行',
  '501': '汇丰银行',
  '502': '东亚银行',
  '503': '南洋商业银行',
  '504': '恒生银行',
  '531': '花旗银行',
  '671': '渣打银行',
  '781': '厦门国际银行',
});

/** The bank that a routing code names. @throws Failure CONTRACT_VIOLATED before anything is sent */
export function bankNoOf(bankCode: string, pointer: string): string {
  const bankNo = bankCode.slice(0, 3);
  if (/^\d{12}$/.test(bankCode) && banks.find(bankNo) !== undefined) return bankNo;
  const detail = 'names no bank that we know';
  throw new Failure('CONTRACT_VIOLATED', {
    detail: `${pointer} ${detail}`,
    errors: [{ pointer, code: 'bank', detail }],
  });
}
