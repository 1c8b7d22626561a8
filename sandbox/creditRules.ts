/** What the people of the sandbox agreed on for credit (信用融资) and for the choice of funders (资方路由). */

const refuse = (name: string, reason: string, ...all: readonly object[]) => ({
  name,
  title: reason,
  conditions: { all },
  event: { type: 'refuse', params: { reason } },
});
const score = (name: string, title: string, points: string, ...all: readonly object[]) => ({
  name,
  title,
  conditions: { all },
  event: { type: 'points', params: { points } },
});
const fact = (name: string, operator: string, value: string | boolean) => ({ fact: name, operator, value });

const admission = {
  title: '信用融资准入',
  purpose: 'ADMISSION',
  facts: ['amount', 'currency', 'tenorDays', 'blacklisted', 'openItems'],
  needs: ['amount', 'tenorDays', 'blacklisted'],
  rules: [
    refuse('listed', '申请人在黑名单中', fact('blacklisted', 'is', true)),
    refuse('otherCurrency', '仅受理人民币融资', fact('currency', 'isNot', 'CNY')),
    refuse('tooLong', '期限超过产品上限', fact('tenorDays', 'above', '180')),
    refuse('tooSmall', '金额低于起点', fact('amount', 'below', '10000.00')),
  ],
};

const preScreen = {
  title: '信用融资风控预审',
  purpose: 'ADMISSION',
  facts: [
    'orderTotal',
    'openItems',
    'earlierOrders',
    'settledLoans',
    'overdueLoans',
    'disputedReceivables',
    'blacklisted',
  ],
  needs: ['orderTotal', 'overdueLoans', 'blacklisted'],
  passPoints: '60',
  rules: [
    refuse('listed', '申请人在黑名单中', fact('blacklisted', 'is', true)),
    refuse('overdue', '存在逾期借据', fact('overdueLoans', 'above', '0')),
    refuse('tooBig', '订单金额超过预审上限', fact('orderTotal', 'above', '100000000.00')),
    score('traded', '有真实订单', '60', fact('orderTotal', 'above', '0')),
    score('regular', '历史订单三笔以上', '10', fact('earlierOrders', 'atLeast', '3')),
    score('repaid', '有已结清借据', '10', fact('settledLoans', 'atLeast', '1')),
    score('owes', '应收余额偏高', '-20', fact('openItems', 'above', '80000000.00')),
    score('disputes', '存在争议应收', '-20', fact('disputedReceivables', 'above', '0')),
  ],
};

const routing = {
  title: '资方路由',
  purpose: 'ROUTING',
  facts: [
    'funder',
    'product',
    'amount',
    'currency',
    'tenorDays',
    'preferred',
    'active',
    'consented',
    'blacklisted',
    'limitFrozen',
    'limitCovers',
    'inFlight',
    'askedToday',
    'borrowerExposure',
    'concentration',
    'connectorUp',
    'open',
    'rate',
    'approvalRate',
    'decisionHours',
  ],
  needs: ['active', 'consented', 'blacklisted', 'connectorUp', 'open'],
  rules: [
    refuse('notActive', '资方未在本平台正常建档', fact('active', 'is', false)),
    refuse('noConsent', '客户未授权向该资方提供数据', fact('consented', 'is', false)),
    refuse('listed', '客户在黑名单中', fact('blacklisted', 'is', true)),
    refuse('frozen', '客户在该资方的额度已冻结', fact('limitFrozen', 'is', true)),
    refuse('noLimitLeft', '客户在该资方的可用额度不足', fact('limitCovers', 'is', false)),
    refuse('inFlight', '客户在该资方存在在途申请', fact('inFlight', 'is', true)),
    refuse('down', '资方接口暂不可用', fact('connectorUp', 'is', false)),
    refuse('closed', '不在资方受理时间内', fact('open', 'is', false)),
    refuse('openTooBig', '超过金控单笔上限', fact('funder', 'is', 'bank-open'), fact('amount', 'above', '50000000.00')),
    refuse('icbcTooBig', '超过银行单笔上限', fact('funder', 'is', 'bank-icbc'), fact('amount', 'above', '20000000.00')),
    refuse(
      'southTooBig',
      '超过保理单笔上限',
      fact('funder', 'is', 'bank-south'),
      fact('amount', 'above', '30000000.00'),
    ),
    refuse('southTooLong', '超过保理最长期限', fact('funder', 'is', 'bank-south'), fact('tenorDays', 'above', '120')),
    refuse(
      'southOnlyCredit',
      '保理公司不做货物质押',
      fact('funder', 'is', 'bank-south'),
      fact('product', 'isNot', 'CREDIT'),
    ),
    refuse(
      'southQuota',
      '超过保理每日受理额度',
      fact('funder', 'is', 'bank-south'),
      fact('askedToday', 'above', '500000000.00'),
    ),
    refuse(
      'concentrated',
      '单一客户集中度过高',
      fact('borrowerExposure', 'above', '200000000.00'),
      fact('concentration', 'above', '0.5'),
    ),
    score('wanted', '客户首选', '50', fact('preferred', 'is', true)),
    score('cheap', '近九十天平均利率不高于百分之五点五', '10', fact('rate', 'atMost', '0.055')),
    score('willing', '近九十天批准率过半', '5', fact('approvalRate', 'atLeast', '0.5')),
    score('quick', '中位审批不超过一天', '5', fact('decisionHours', 'atMost', '24')),
    score('light', '该客户余额较低', '5', fact('borrowerExposure', 'below', '10000000.00')),
  ],
};

export const creditRules = [
  { code: 'credit-admission', body: admission },
  { code: 'credit-prescreen', body: preScreen },
  { code: 'funder-routing', body: routing },
];
