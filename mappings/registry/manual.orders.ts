/** Canonical requests to work orders for a registrar: every field of the form, in its order, with what to mind. */
import type { Message } from '../../contracts/contract.ts';
import { mapping } from '../../contracts/mapping.ts';
import { ManualOrder, ManualSearch } from '../../contracts/registry/manual.wire.ts';
import { Amendment, Cancellation, Registration } from '../../contracts/registry/registry.ts';
import { manualBusinesses } from './manual.codes.ts';

type Form = Message<typeof ManualOrder>['form'];
type Row = readonly [label: string, value: string, hint: string];

const exact = '逐字照填，不简写、不加空格';

export const manualSearchOrderOf = mapping(
  'registry.manual.search-order',
  ManualSearch,
  ManualOrder,
  ({ orderNo, debtorName }) => ({
    orderNo,
    task: 'SEARCH',
    title: '中登网查询',
    form: formOf([
      ['查询方式', '按担保人名称', '选择"按担保人查询"'],
      ['担保人名称', debtorName, `${exact}；另查工商登记中的全部曾用名，逐一列出`],
      ['查询证明', '下载', '下载查询证明 PDF 并上传，查询证明编号手工录入'],
    ]),
  }),
);

export const manualRegistrationOrderOf = mapping(
  'registry.manual.registration-order',
  Registration,
  ManualOrder,
  (given) => ({
    orderNo: given.requestNo,
    task: 'REGISTER',
    title: '中登网初始登记',
    form: formOf([
      ['业务类型', manualBusinesses.codeOf(given.business, '#/business'), '首页"初始登记"中选择，提交后不能更改'],
      ['登记期限', `${given.termMonths} 个月`, '按月填写；到期前 90 日内可展期'],
      ['填表人归档号', given.requestNo, '即本工单号，请勿改动'],
      ['担保人名称', given.pledgor.name, `出质人；${exact}`],
      ['担保人统一社会信用代码', given.pledgor.uscc, '18 位，与营业执照核对'],
      ['担保权人名称', given.pledgee.name, `质权人；${exact}`],
      ['担保权人统一社会信用代码', given.pledgee.uscc, '18 位'],
      ['主合同号码', given.contractNo, exact],
      ['主债权金额', given.securedAmount, '单位：元，两位小数'],
      ['币种', '人民币', '固定'],
      ['担保财产描述', given.description, '整段粘贴；仓单号、发票号不得遗漏'],
    ]),
  }),
);

export const manualAmendmentOrderOf = mapping('registry.manual.amendment-order', Amendment, ManualOrder, (given) => ({
  orderNo: given.requestNo,
  task: 'AMEND',
  title: '中登网变更登记',
  form: formOf([
    ['登记证明编号', given.registrationNo, '首页"变更登记"；修改码见工单右上角，勿外传'],
    ['填表人归档号', given.requestNo, '即本工单号，请勿改动'],
    ['变更后的担保财产描述', given.description, '整段替换原描述'],
  ]),
  amendCode: given.amendCode,
}));

export const manualCancellationOrderOf = mapping(
  'registry.manual.cancellation-order',
  Cancellation,
  ManualOrder,
  (given) => ({
    orderNo: given.requestNo,
    task: 'CANCEL',
    title: '中登网注销登记',
    form: formOf([
      ['登记证明编号', given.registrationNo, '首页"注销登记"；注销后不能恢复，请复核编号'],
      ['填表人归档号', given.requestNo, '即本工单号，请勿改动'],
      ['注销原因', given.reason, '主债权消灭后 10 个工作日内注销'],
    ]),
    amendCode: given.amendCode,
  }),
);

function formOf(rows: readonly Row[]): Form {
  return rows.map(([label, value, hint], at) => ({ step: at + 1, label, value, hint }));
}
