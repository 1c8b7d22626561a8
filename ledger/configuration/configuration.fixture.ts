/** For tests: a product, a template and a rule set as people would agree on them. */
import type { Facts } from './rules.ts';
import type { BodyOf } from './configuration.ts';

export const spotPledgeProduct: BodyOf<'PRODUCT'> = {
  productNo: 'P-SPOT',
  name: '现货质押',
  type: 'SPOT_PLEDGE',
  recourse: true,
  disclosed: true,
  rateMin: '0.040000',
  rateMax: '0.080000',
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
};

export const admissionRules: BodyOf<'RULES'> = {
  title: '经销商准入',
  purpose: 'ADMISSION',
  facts: ['monthsTraded', 'overdueAmount', 'region', 'blacklisted'],
  needs: ['monthsTraded', 'blacklisted'],
  passPoints: '60',
  rules: [
    {
      name: 'listed',
      title: '在黑名单中',
      conditions: { all: [{ fact: 'blacklisted', operator: 'is', value: true }] },
      event: { type: 'refuse', params: { reason: '主体在黑名单中' } },
    },
    {
      name: 'longTrade',
      title: '交易满十二个月',
      conditions: { all: [{ fact: 'monthsTraded', operator: 'atLeast', value: '12' }] },
      event: { type: 'points', params: { points: '50' } },
    },
    {
      name: 'paysInTime',
      title: '无逾期',
      conditions: { all: [{ fact: 'overdueAmount', operator: 'atMost', value: '0.00' }] },
      event: { type: 'points', params: { points: '20.5' } },
    },
    {
      name: 'farAway',
      title: '异地经销商须实地照片',
      conditions: { any: [{ fact: 'region', operator: 'notAmong', value: ['3502', '3501'] }] },
      event: { type: 'require', params: { what: 'sitePhotos' } },
    },
  ],
};

export const goodDealer: Facts = { monthsTraded: '24', overdueAmount: '0', region: '3502', blacklisted: false };
