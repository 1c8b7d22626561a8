/** What must never be in this area (domain.md 3), as queries that find offenders. */
import type { Invariant } from '../invariant.ts';

const underWay = `('DRAFT', 'PENDING_FND', 'APPROVED', 'SENT_TO_WH', 'ACKED')`;
const granted = `('APPROVED', 'SENT_TO_WH', 'ACKED', 'EXECUTED', 'CLOSED')`;

export const goodsInvariants: readonly Invariant[] = [
  {
    id: 'I-01',
    statement:
      'what is pledged or frozen of a lot is not more than what is there; its columns are the sums of its movements, and of its open pledges and releases under way',
    enforcedBy: [
      'stock_not_overpledged',
      'stock_lot_true',
      'stock_movement_true',
      'pledge_item_true',
      'release_item_true',
      'release_order_true',
    ],
    sql: `select l.lot_no from stock_lot l left join (select lot_no, sum(open) open from pledge_item where not closed group by lot_no) p using (lot_no)
            left join (select i.lot_no, sum(i.quantity) leaving from release_item i join release_order o on o.no = i.release_no
              where o.state in ${underWay} group by i.lot_no) r using (lot_no)
            left join (select lot_no, sum(case when kind in ('INBOUND', 'ADJUST', 'REGROUP') then quantity when kind = 'OUTBOUND' then -quantity else 0 end) here,
                sum(case kind when 'LOCK' then quantity when 'UNLOCK' then -quantity else 0 end) locked,
                sum(case kind when 'FREEZE' then quantity when 'THAW' then -quantity else 0 end) frozen from stock_movement group by lot_no) m using (lot_no)
          where l.pledged + l.frozen > l.on_hand or l.available < 0 or l.pledged <> coalesce(p.open, 0) + coalesce(r.leaving, 0)
            or (l.on_hand, l.pledged, l.frozen) is distinct from (coalesce(m.here, 0), coalesce(m.locked, 0), coalesce(m.frozen, 0))`,
  },
  {
    id: 'I-02',
    statement: 'a lot is pledged to at most one pledgee, and as stock or through the one receipt that stands for it',
    enforcedBy: [
      'lot_pledged_once',
      'lot_under_one_receipt',
      'receipt_pledged_once',
      'pledge_item_true',
      'receipt_item_true',
      'pledge_true',
      'warehouse_receipt_true',
    ],
    sql: `select lot_no from pledge_item where not closed group by lot_no having count(*) > 1
          union all select lot_no from receipt_item where bound group by lot_no having count(*) > 1
          union all select i.lot_no from pledge_item i join pledge p on p.no = i.pledge_no join receipt_item r on r.lot_no = i.lot_no and r.bound
            where not i.closed and (p.basis <> 'RECEIPT' or r.receipt_no is distinct from p.receipt_no
              and not exists (select from pledge_change c where c.no = i.change_no and c.receipt_no = r.receipt_no))
          union all select receipt_no from pledge where receipt_no is not null and state not in ('CANCELLED', 'RELEASED', 'DISPOSED') group by 1 having count(*) > 1`,
  },
  {
    id: 'I-13',
    statement:
      'nothing is released but against a posted repayment (one that is reversed afterwards is an incident), a substitute that is locked and registered, cash, or value above need',
    enforcedBy: ['release_order_posting', 'release_has_ground', 'pledge_item_true'],
    sql: `select o.no from release_order o left join repayment r on r.no = o.repayment_no left join pledge_change c on c.no = o.change_no
          where o.state in ${granted} and case o.ground when 'REPAYMENT' then not coalesce(r.state = 'POSTED' or r.state = 'REVERSED' and o.state <> 'APPROVED', false)
            when 'SUBSTITUTION' then c.control_at is null or c.registration_no is null else false end`,
  },
  {
    id: 'I-14',
    statement:
      'what is owed is covered by what stays pledged times the pledge rate, and a floating pledge keeps its floor, whatever was released',
    enforcedBy: ['release_order_true', 'pledge_item_true', 'margin_entry_true'],
    sql: `with goods as (select i.pledge_no, sum(i.lost) lost, sum((i.open + coalesce(d.quantity, 0)) * i.price) value
            from pledge_item i left join (select o.pledge_no, d.lot_no, sum(d.quantity) quantity from release_item d join release_order o on o.no = d.release_no
              where o.state in ('DRAFT', 'PENDING_FND') group by 1, 2) d on d.pledge_no = i.pledge_no and d.lot_no = i.lot_no
            where not i.closed or d.quantity > 0 group by i.pledge_no)
          select l.no from loan l join pledge p using (application_no) left join goods g on g.pledge_no = p.no
          where l.state = 'ACTIVE' and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED', 'RELEASED') and coalesce(g.lost, 0) = 0
            and greatest(0, l.balance - coalesce((select sum(m.amount) from margin_entry m where m.pledge_no = p.no), 0)) > case when p.basis = 'STOCK_FLOATING'
              and coalesce(g.value, 0) < p.min_floor_value then 0 else p.pledge_rate * coalesce(g.value, 0) end`,
  },
  {
    id: 'I-15',
    statement: 'not more left the warehouse than was released, and only in time, once, with the named picker and token',
    enforcedBy: [
      'outbound_within_released',
      'outbound_in_time',
      'release_order_token',
      'gate_pass_pkey',
      'gate_pass_good',
      'gate_pass_append_only',
    ],
    sql: `select release_no from release_item where outbound > quantity
          union all select no from release_order where outbound_at > valid_to
          union all select release_no from gate_pass group by release_no having count(*) > 1
          union all select g.release_no from gate_pass g join release_order o on o.no = g.release_no
            where g.at > o.valid_to or (g.token_sha256, g.picker_id_sha256, g.vehicle) is distinct from (o.token_sha256, o.picker_id_sha256, o.picker_vehicle)`,
  },
  {
    id: 'I-16',
    statement: 'an effective pledge has proof of control, a registration, and a supervisor that is not the pledgor',
    enforcedBy: ['effective_is_proven', 'supervisor_independent', 'receipt_pledge_has_receipt'],
    sql: `select no from pledge where supervisor_id = pledgor_id or (state in ('EFFECTIVE', 'PARTIALLY_RELEASED', 'RELEASED')
            and (control_at is null or registration_no is null or custody_no is null or (basis = 'RECEIPT' and receipt_no is null)))`,
  },
  {
    id: 'I-35',
    statement: 'split and merge conserve goods and value, and what comes of them is free of any encumbrance',
    enforcedBy: ['receipt_link_true', 'receipt_link_append_only', 'receipt_item_true', 'warehouse_receipt_true'],
    sql: 'select child_no from receipt_link where receipt_family_broken(child_no)',
  },
];
