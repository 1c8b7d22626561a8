/** The story the fixture tells: one spot pledge (现货质押) from the contract to the release of the goods, as the hub would record it. */
import type { Bilingual, Exchange, Message, MessageState, Milestone, Party, RunRow, Step } from './api.ts';

/** Monday morning in Xiamen. */
export const STORY_START_MS = Date.parse('2026-11-23T09:00:00.000+08:00');
export const RUN_ID = '0199b6a0-0000-7000-8000-000000000001';
const MINUTE_MS = 60_000;

export const PARTIES: readonly Party[] = [
  party('hub', '链枢平台', 'Hub', 'Lianshu'),
  party('sap-s4', '货主 ERP', 'Trader ERP', 'SAP S/4HANA'),
  party('unit', '经营单位', 'Business unit', 'OA'),
  party('customer', '客户', 'Customer', 'H5'),
  party('cfca', '实名认证', 'Identity', 'CFCA'),
  party('esign', '电子签章', 'E-sign', 'eSign'),
  party('bank-open', '资方银行', 'Funder bank', 'Open API'),
  party('wms', '监管仓库', 'Warehouse', 'WMS', 'degraded'),
  party('registry', '仓单登记', 'Registry', '中仓登'),
  party('clearing', '清算', 'Clearing', 'CNAPS'),
  party('chain', '区块链存证', 'Evidence', 'FISCO BCOS'),
  party('price', '行情', 'Prices', 'Mysteel'),
];

type Reached = readonly [zh: string, en: string, party: string];
/** The eleven steps of the spot pledge, as the platform's own description of the business counts them. */
const MILESTONES: readonly Reached[] = [
  ['签约与数据上传', 'Contract uploaded', 'sap-s4'],
  ['资料归集', 'Documents gathered', 'unit'],
  ['客户申请', 'Customer applies', 'customer'],
  ['送资方审批', 'Sent to funder', 'bank-open'],
  ['结果反馈', 'Decision returned', 'customer'],
  ['入库信息', 'Goods received', 'wms'],
  ['仓单监管', 'Receipt pledged', 'registry'],
  ['放款', 'Loan disbursed', 'bank-open'],
  ['还款与解押申请', 'Repayment', 'customer'],
  ['解质押单', 'Pledge released', 'registry'],
  ['出库通知', 'Release to ship', 'wms'],
];

type Told = readonly [
  minutesLater: number,
  from: string,
  to: string,
  zh: string,
  en: string,
  operation: string,
  ms: number,
  more?: { low?: true; state?: MessageState; code?: string; status?: number; attempt?: number; reaches?: number },
];
const low = { low: true } as const;

const TOLD: readonly Told[] = [
  [0, 'sap-s4', 'hub', '销售订单', 'sales order', 'erp.orderCreated', 42],
  [0.01, 'hub', 'chain', '订单存证', 'order evidence', 'chain.notarize', 310, low],
  [0.02, 'hub', 'unit', '待办通知', 'task notice', 'unit.notify', 35, low],
  [0.3, 'hub', 'sap-s4', '合同主数据', 'contract master data', 'erp.readContract', 186, { reaches: 1 }],
  [96, 'unit', 'hub', '合同与协议', 'contract and agreements', 'unit.submitDocuments', 88],
  [0.1, 'hub', 'price', '铝锭现货价', 'aluminium spot price', 'price.quote', 64],
  [0.1, 'hub', 'chain', '合同存证', 'contract evidence', 'chain.notarize', 295, low],
  [0.05, 'hub', 'customer', '邀请注册', 'invitation', 'customer.invite', 120, { reaches: 2 }],
  [187, 'customer', 'hub', '融资申请', 'financing application', 'customer.apply', 71],
  [0.1, 'hub', 'cfca', '企业四要素核验', 'company identity check', 'cfca.verifyCompany', 412],
  [0.1, 'hub', 'cfca', '法人实名核验', 'legal person check', 'cfca.verifyPerson', 388],
  [0.2, 'hub', 'esign', '发起借款合同签署', 'start loan contract signing', 'esign.startSigning', 264],
  [0.1, 'hub', 'customer', '签署链接', 'signing link', 'customer.notify', 52, low],
  [0.1, 'hub', 'chain', '申请存证', 'application evidence', 'chain.notarize', 301, low],
  [44, 'esign', 'hub', '签署完成', 'signing completed', 'esign.signed', 33, { reaches: 3 }],
  [
    0.1,
    'hub',
    'bank-open',
    '授信申请包',
    'credit application package',
    'bank.applyCredit',
    30_000,
    { state: 'unknown', code: 'TIMEOUT' },
  ],
  [0.6, 'hub', 'bank-open', '查询申请是否受理', 'query application', 'bank.queryCredit', 174],
  [0.1, 'hub', 'bank-open', '授信申请包', 'credit application package', 'bank.applyCredit', 1880, { attempt: 2 }],
  [0.1, 'hub', 'chain', '申请包存证', 'package evidence', 'chain.notarize', 288, low],
  [0.02, 'hub', 'unit', '进度通知', 'progress notice', 'unit.notify', 31, low],
  [0.02, 'hub', 'customer', '进度通知', 'progress notice', 'customer.notify', 40, { low: true, reaches: 4 }],
  [1635, 'bank-open', 'hub', '审批通过', 'credit approved', 'bank.creditDecided', 39],
  [0.1, 'hub', 'customer', '审批结果', 'credit decision', 'customer.notify', 47],
  [0.1, 'hub', 'sap-s4', '额度回写', 'limit posted', 'erp.postLimit', 203, { reaches: 5 }],
  [1290, 'wms', 'hub', '入库明细', 'goods receipt', 'wms.received', 58],
  [
    0.2,
    'hub',
    'wms',
    '质押锁定',
    'pledge lock',
    'wms.lock',
    133,
    { state: 'refused', code: 'QTY_MISMATCH', status: 422 },
  ],
  [17, 'wms', 'hub', '盘点更正', 'stock correction', 'wms.corrected', 61],
  [0.2, 'hub', 'wms', '质押锁定', 'pledge lock', 'wms.lock', 141, { attempt: 2 }],
  [0.1, 'hub', 'chain', '入库存证', 'receipt evidence', 'chain.notarize', 305, { low: true, reaches: 6 }],
  [0.4, 'hub', 'registry', '仓单登记', 'register warehouse receipt', 'registry.register', 622],
  [0.2, 'hub', 'registry', '质押登记', 'register pledge', 'registry.pledge', 587],
  [0.1, 'hub', 'price', '质押率复核价', 'price for loan-to-value', 'price.quote', 66],
  [0.1, 'hub', 'chain', '质押存证', 'pledge evidence', 'chain.notarize', 299, { low: true, reaches: 7 }],
  [0.3, 'hub', 'bank-open', '放款指令', 'disbursement order', 'bank.disburse', 940],
  [0.4, 'bank-open', 'hub', '放款成功', 'loan disbursed', 'bank.disbursed', 36],
  [0.1, 'hub', 'clearing', '受托支付', 'entrusted payment', 'clearing.pay', 512],
  [0.1, 'hub', 'sap-s4', '收款入账', 'incoming payment', 'erp.postPayment', 231],
  [0.1, 'hub', 'chain', '放款存证', 'disbursement evidence', 'chain.notarize', 292, low],
  [0.02, 'hub', 'unit', '放款通知', 'disbursement notice', 'unit.notify', 33, { low: true, reaches: 8 }],
  [128_160, 'customer', 'hub', '还款及解押申请', 'repayment and release request', 'customer.repay', 69],
  [0.3, 'hub', 'bank-open', '还款确认', 'confirm repayment', 'bank.confirmRepayment', 418],
  [0.1, 'hub', 'clearing', '结清核对', 'settlement check', 'clearing.reconcile', 377, { reaches: 9 }],
  [0.5, 'hub', 'registry', '解除质押', 'release pledge', 'registry.release', 604],
  [0.1, 'hub', 'chain', '解押存证', 'release evidence', 'chain.notarize', 287, { low: true, reaches: 10 }],
  [0.2, 'hub', 'wms', '出库通知', 'release notice', 'wms.release', 122],
  [37, 'wms', 'hub', '出库完成', 'goods issued', 'wms.shipped', 44],
  [0.1, 'hub', 'sap-s4', '发货过账', 'post goods issue', 'erp.postIssue', 219, { reaches: 11 }],
];

/** Every message of the story with the milestone it reaches, oldest first. */
export function storyMessages(): readonly { readonly message: Message; readonly reaches: number | null }[] {
  let atMs = STORY_START_MS;
  return TOLD.map(([later, from, to, zh, en, operation, ms, more = {}], index) => {
    atMs += later * MINUTE_MS;
    const state = more.state ?? 'ok';
    const message: Message = {
      id: `ex-${String(index + 1).padStart(4, '0')}`,
      seq: String(1000 + index),
      run: RUN_ID,
      at: isoShanghai(atMs),
      from,
      to,
      verb: { zh, en },
      operation,
      state,
      status: more.status ?? (state === 'unknown' ? null : 200),
      code: more.code ?? null,
      ms,
      attempt: more.attempt ?? 1,
      importance: more.low === true ? 'low' : 'high',
    };
    return { message, reaches: more.reaches ?? null };
  });
}

/** The milestones when the first `shown` messages have happened. */
export function storyMilestones(shown: number): readonly Milestone[] {
  const reached = new Map<number, string>();
  for (const { message, reaches } of storyMessages().slice(0, shown)) {
    if (reaches !== null) reached.set(reaches, message.at);
  }
  return MILESTONES.map(([zh, en, responsible], index) => {
    const no = index + 1;
    const at = reached.get(no) ?? null;
    const state = at !== null ? 'done' : no === reached.size + 1 ? 'current' : 'todo';
    return { no, name: { zh, en }, party: responsible, state, at, ms: at === null ? null : 1200 };
  });
}

export function storySteps(shown: number): readonly Step[] {
  return storyMessages()
    .slice(0, shown)
    .map(({ message, reaches }, index) => ({
      seq: index + 1,
      path: message.operation,
      kind:
        reaches !== null
          ? 'milestone'
          : message.state === 'refused'
            ? 'refused'
            : message.from === 'hub'
              ? 'result'
              : 'signal',
      at: message.at,
      detail: reaches === null ? message.code : (MILESTONES[reaches - 1]?.[0] ?? null),
    }));
}

/** The run's row when the first `shown` messages have happened. It waits for whoever speaks next. */
export function storyRun(shown: number): RunRow {
  const told = storyMessages();
  const milestones = storyMilestones(shown);
  const done = milestones.filter((m) => m.state === 'done').length;
  const next = told[shown]?.message;
  const last = told[shown - 1]?.message;
  const finished = next === undefined;
  const waits = next !== undefined && next.from !== 'hub' && last !== undefined;
  const who = PARTIES.find((p) => p.id === next?.from);
  return {
    id: RUN_ID,
    case: 'CASE-20261123-000001',
    flow: 'spot-pledge',
    flowName: { zh: '现货质押', en: 'Spot pledge' },
    version: 1,
    key: 'PO-4500001234',
    party: '厦门**有限公司',
    amount: '2857190.00',
    state: finished ? 'done' : waits ? 'waiting' : 'running',
    outcome: finished ? 'released' : null,
    step: [done, milestones.length],
    stepName: milestones.find((m) => m.state === 'current')?.name ?? null,
    waitingOn:
      waits && who !== undefined
        ? {
            party: who.id,
            name: who.name,
            what: waitWords(next),
            since: last.at,
            until: isoShanghai(Date.parse(last.at) + 2880 * MINUTE_MS),
          }
        : null,
    startedAt: isoShanghai(STORY_START_MS),
    finishedAt: finished ? (last?.at ?? null) : null,
  };
}

/** The wire side of a message: masked the way the gateway masks. */
export function storyExchange(message: Message): Exchange {
  const inbound = message.to === 'hub';
  return {
    id: message.id,
    system: inbound ? message.from : message.to,
    operation: message.operation,
    direction: inbound ? 'in' : 'out',
    at: message.at,
    ms: message.ms,
    status: message.status,
    state: message.state,
    verified: message.state === 'unknown' ? null : true,
    request: {
      applyNo: 'CR-20261123-88120',
      orderNo: 'PO-4500001234',
      amount: '2857190.00',
      currency: 'CNY',
      customer: {
        name: '厦门**有限公司',
        uscc: '9135**********7K3X',
        contact: { name: '张*', mobile: '138****5521', idNo: '3502**********0017' },
      },
      collateral: { goods: '铝锭 A00', weightTonnes: '142.860', warehouse: '厦门象屿**仓', lots: 6, pledged: false },
      account: { bank: '工商银行', no: '6222****1234' },
    },
    answer:
      message.state === 'unknown'
        ? null
        : message.state === 'refused'
          ? { code: 'QTY_MISMATCH', message: '入库数量与仓单不符', expected: '142.860', actual: '142.680' }
          : { code: '0', accepted: true, serialNo: 'ICBC2026112300048812', at: message.at },
    wire: {
      method: 'POST',
      path: `/${message.operation.replace('.', '/v2/')}`,
      requestBytes: 1842,
      requestSha256: '9f2c61d0a7e84b3f5c0d9e1ab77e4c2f6d8130b95ea4f7c2d1e0b3a495867f21',
      answerBytes: message.state === 'unknown' ? null : 318,
      answerSha256:
        message.state === 'unknown' ? null : '3b7e90c41fd2a685e97b04c8d1f36a25970be4c813d5fa6029e7b1c48d05f3a6',
      contentType: 'application/json; charset=utf-8',
    },
    failure:
      message.state === 'ok'
        ? null
        : message.state === 'refused'
          ? {
              code: 'QTY_MISMATCH',
              zh: '对方拒绝：数量不符',
              en: 'Refused: quantities differ',
              detail: '142.860 ≠ 142.680',
            }
          : {
              code: 'TIMEOUT',
              zh: '对方 30 秒内没有应答，结果未知',
              en: 'No answer in 30 s, the outcome is unknown',
              detail: null,
            },
  };
}

export function isoShanghai(ms: number): string {
  return `${new Date(ms + 480 * MINUTE_MS).toISOString().slice(0, -1)}+08:00`;
}

function waitWords(next: Message): Bilingual {
  return next.operation === 'bank.creditDecided' ? { zh: '审批结果', en: 'credit decision' } : next.verb;
}

function party(id: string, zh: string, en: string, system: string, health: Party['health'] = 'ok'): Party {
  return { id, name: { zh, en }, system, health };
}
