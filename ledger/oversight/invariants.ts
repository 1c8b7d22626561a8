/** What must never be in this area (domain.md 3), as queries that find offenders. */
import type { Invariant } from '../invariant.ts';

export const oversightInvariants: readonly Invariant[] = [
  {
    id: 'I-17',
    statement: 'what takes two people was approved by two, as it stood, and each approval was used once',
    enforcedBy: [
      'history_chained',
      'approval_by_two',
      'approval_has_checker',
      'approval_unchanged',
      'approval_used_once',
      'approval_in_time',
      'maker_is_not_checker',
      'decided_by_two',
    ],
    // A word is there since moves are approved in the database; earlier ones are not judged by it.
    sql: `select h.entity || ' ' || h.entity_id || ' ' || h.event from history h
            join lifecycle l on (l.entity, l.from_state, l.event, l.to_state) = (h.entity, h.from_state, h.event, h.to_state)
            left join approval a on a.id = h.approval_id
          where l.four_eyes and h.word <> '' and h.actor <> 'migration'
            and (a.id is null or a.checker is null or lower(btrim(a.maker)) = lower(btrim(a.checker))
              or (a.entity, a.entity_id, a.event) is distinct from (h.entity, h.entity_id, h.event) or a.decided_at > h.at)
          union all select 'approval ' || approval_id from history where approval_id is not null group by approval_id having count(*) > 1
          union all select 'release_order ' || no from release_order where lower(btrim(maker)) = lower(btrim(checker))`,
  },
  {
    id: 'I-36',
    statement: 'what was entered by hand has a document and two people, and its channel is MANUAL',
    enforcedBy: ['manual_has_document', 'manual_entry_once', 'history_chained', 'approval_by_two'],
    sql: `select m.id from manual_entry m
            left join history h on h.entity = 'manual_entry' and h.entity_id = m.id::text and h.event = 'post'
            left join approval a on a.id = h.approval_id
          where m.channel <> 'MANUAL' or m.document_sha256 is null
            or (m.state = 'POSTED' and (a.checker is null or lower(btrim(a.maker)) = lower(btrim(a.checker))))`,
  },
];
