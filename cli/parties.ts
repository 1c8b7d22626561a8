/** Who takes part, as pictures show them: the hub, those without a system of their own, and every system. */
import type { PartyEntry } from '../gateway/options.ts';

/** Until a case has dealt with one of several systems of a kind, the kind stands for it. */
const kindNames: Readonly<Record<string, PartyEntry['name']>> = {
  bank: { zh: '资金方', en: 'Funder' },
  cfca: { zh: '实名认证', en: 'Identity' },
  clearing: { zh: '支付清算', en: 'Clearing' },
  esign: { zh: '电子签约', en: 'E-signature' },
  evidence: { zh: '存证', en: 'Evidence' },
  identity: { zh: '人脸核身', en: 'Face verification' },
  notify: { zh: '消息通知', en: 'Messages' },
  invoice: { zh: '发票查验', en: 'Invoice checks' },
  price: { zh: '行情', en: 'Prices' },
  registry: { zh: '动产登记', en: 'Registry' },
  sap: { zh: '经营单位 ERP', en: 'ERP of the unit' },
  wms: { zh: '仓储监管方', en: 'Warehouse' },
};

export function partiesOf(
  systems: readonly { readonly id: string; readonly kind: string; readonly name: PartyEntry['name'] }[],
): PartyEntry[] {
  return [
    { id: 'hub', name: { zh: '链枢', en: 'Lianshu' }, system: 'hub' },
    { id: 'dealer', name: { zh: '链属企业', en: 'Dealer' }, system: 'portal' },
    { id: 'unit', name: { zh: '经营单位', en: 'Trading unit' }, system: 'portal' },
    { id: 'core', name: { zh: '核心企业', en: 'Core enterprise' }, system: 'portal' },
    { id: 'supplier', name: { zh: '资产方', en: 'Supplier' }, system: 'portal' },
    { id: 'seller', name: { zh: '上游卖方', en: 'Upstream seller' }, system: 'portal' },
    { id: 'funder', name: { zh: '资金方', en: 'Funder' }, system: 'portal' },
    { id: 'keeper', name: { zh: '仓储监管方', en: 'Warehouse' }, system: 'portal' },
    { id: 'operator', name: { zh: '运营方', en: 'Operator' }, system: 'portal' },
    { id: 'people', name: { zh: '人工', en: 'People' }, system: 'hub' },
    ...Object.entries(kindNames).map(([id, name]) => ({ id, name, system: id })),
    ...systems.map(({ id, name, kind }) => ({ id, name, system: id, kind })),
  ];
}
