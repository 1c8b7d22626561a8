/** What the people of the sandbox agreed on before business began: its product and its rules, as they stand in `setup.json`. */

import { creditRules } from './creditRules.ts';

const spotPledge = {
  productNo: 'P20260101-000001',
  name: '现货质押',
  type: 'SPOT_PLEDGE',
  recourse: true,
  disclosed: true,
  rateMin: '0.030000',
  rateMax: '0.120000',
  tenorDaysMax: 180,
  dayCount: 'ACT/360',
  method: 'BULLET',
  pledgeRate: '0.700000',
  lines: { warn: '0.750000', topUp: '0.800000', dispose: '0.900000' },
  graceDays: 0,
  penaltyMultiplier: '1.500000',
  allocationOrder: ['FEE', 'PENALTY', 'COMPOUND', 'INTEREST', 'PRINCIPAL'],
  requiredDocuments: ['invoice', 'ownershipProof'],
  requiredSigners: ['DEALER', 'FUNDER'],
  requiredRegistrations: ['PLEDGE'],
  entrustedPayment: 'MANDATORY',
  interestCollection: 'ARREARS',
} as const;

const admission = {
  title: '现货质押准入',
  purpose: 'ADMISSION',
  facts: ['amount', 'currency', 'tenorDays', 'blacklisted', 'openItems'],
  needs: ['amount', 'tenorDays', 'blacklisted'],
  rules: [
    {
      name: 'listed',
      title: '申请人在黑名单中',
      conditions: { all: [{ fact: 'blacklisted', operator: 'is', value: true }] },
      event: { type: 'refuse', params: { reason: '申请人在黑名单中' } },
    },
    {
      name: 'otherCurrency',
      title: '仅限人民币',
      conditions: { all: [{ fact: 'currency', operator: 'isNot', value: 'CNY' }] },
      event: { type: 'refuse', params: { reason: '仅受理人民币融资' } },
    },
    {
      name: 'tooLong',
      title: '期限超过一百八十天',
      conditions: { all: [{ fact: 'tenorDays', operator: 'above', value: '180' }] },
      event: { type: 'refuse', params: { reason: '期限超过产品上限' } },
    },
    {
      name: 'tooSmall',
      title: '金额不足一万元',
      conditions: { all: [{ fact: 'amount', operator: 'below', value: '10000.00' }] },
      event: { type: 'refuse', params: { reason: '金额低于起点' } },
    },
  ],
} as const;

const credit = {
  ...spotPledge,
  productNo: 'P20260101-000002',
  name: '信用融资',
  type: 'CREDIT',
  requiredDocuments: ['purchaseContract'],
  requiredRegistrations: [],
} as const;

const futureGoods = {
  ...spotPledge,
  productNo: 'P20260101-000003',
  name: '未来货权转电子仓单质押',
  type: 'FUTURE_GOODS',
  requiredDocuments: ['purchaseContract'],
  requiredSigners: ['DEALER', 'SUPPLIER', 'FUNDER', 'WAREHOUSE'],
} as const;

const factoring = {
  ...spotPledge,
  productNo: 'P20260101-000004',
  name: '保理确权',
  type: 'FACTORING',
  requiredDocuments: ['purchaseContract', 'invoice', 'acceptance'],
  requiredSigners: ['FUNDER', 'SUPPLIER', 'CORE'],
  requiredRegistrations: ['FACTORING'],
} as const;

export const agreed = {
  maker: '运营经办',
  checker: '运营复核',
  products: [
    { code: 'spot-pledge', body: spotPledge },
    { code: 'credit', body: credit },
    { code: 'future-goods', body: futureGoods },
    { code: 'factoring', body: factoring },
  ],
  rules: [
    { code: 'spot-pledge-admission', body: admission },
    { code: 'future-goods-admission', body: { ...admission, title: '未来货权准入' } },
    ...creditRules,
  ],
} as const;
