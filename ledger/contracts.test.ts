/** What the books may hold, the contracts can say: every state of a life cycle is in the contract of its entity. */
import { expect, test } from '@jest/globals';
import { contractByName } from '../contracts/canonical/catalogue.ts';
import type { Transition } from './lifecycleKinds.ts';
import { lifecycles, type Entity } from './lifecycles.ts';

/** The contract of each entity; undefined for what stays inside the hub. */
const contractOf: Readonly<Record<Entity, string | undefined>> = {
  party: 'party',
  party_role: 'party-role',
  bank_account: 'bank-account',
  sign_authority: 'sign-authority',
  consent: 'consent',
  invitation: 'invitation',
  verification: 'verification',
  configuration: 'product',
  invoice: 'invoice',
  invoice_use: undefined,
  receivable: 'receivable',
  confirmation: 'confirmation',
  assignment_notice: 'assignment-notice',
  receivable_certificate: 'receivable-certificate',
  application: 'financing-application',
  route_attempt: undefined,
  asset_offer: 'asset-offer',
  subscription: 'subscription',
  envelope: 'sign-envelope',
  envelope_signer: undefined,
  registration: 'registration',
  stock_adjustment: undefined,
  warehouse_receipt: 'warehouse-receipt',
  pledge: 'pledge',
  pledge_change: undefined,
  release_order: 'release-order',
  future_goods: undefined,
  credit_limit: 'credit-limit',
  payment: 'payment-instruction',
  loan: 'loan',
  repayment: 'repayment',
  recon_run: 'reconciliation-run',
  recon_case: 'reconciliation-case',
  approval: 'approval',
  alert: 'alert',
  blacklist: 'blacklist-entry',
  manual_entry: undefined,
};

const told = (Object.keys(lifecycles) as Entity[]).flatMap((entity) => {
  const name = contractOf[entity];
  return name === undefined ? [] : [{ entity, name }];
});

test.each(told)('$name can say every state of $entity', ({ entity, name }) => {
  const transitions: readonly Transition[] = lifecycles[entity];
  const schema = contractByName(name)?.contract.schema as { properties: { state: unknown } } | undefined;
  const said = JSON.stringify(schema?.properties.state);
  const states = [...new Set(transitions.map(([, , to]) => to))];
  expect(states.filter((state) => !said.includes(`"${state}"`))).toEqual([]);
});
