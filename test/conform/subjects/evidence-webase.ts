/** Evidence (存证) on a consortium chain behind its front: nothing is signed, everything is held against the chain itself. */
import { createHash } from 'node:crypto';
import { webaseDialect } from '../../../adapters/evidence/dialects/webase.ts';
import { evidence } from '../../../contracts/evidence/evidence.ts';
import { isFailure } from '../../../contracts/failures.ts';
import { encodeError } from '../../../sandbox/evidence/abi.ts';
import { evidenceChain } from '../../../sandbox/evidence/webase.twin.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, unknownIsRefused } from '../plants.ts';
import { edited } from '../sealing.ts';
import { type Answer, subject as subjectOf } from '../subject.ts';
import { sixDigits } from '../telling.ts';

const head = (turn: number) => {
  const anchorNo = sixDigits('EV', turn);
  const digest = (algorithm: string) => createHash(algorithm).update(anchorNo).digest('hex');
  return { anchorNo, headSha256: digest('sha256'), headSm3: digest('sm3'), count: 7 };
};

const receipt =
  (edit: (code: string) => object) =>
  (code: string, genuine: Answer): Answer => ({
    ...genuine,
    body: edited(genuine.body, (fields) => ({ ...fields, ...edit(code) })),
  });

export const subject = subjectOf({
  kind: evidence,
  vendor: 'webase',
  dialect: webaseDialect,
  twin: evidenceChain,
  speed: 3_600, // Blocks take business seconds; nobody but the chain acts.
  operations: {
    anchor: {
      ready: async () => head,
      effect: 'anchored',
      conflict: (request: object) => ({ ...request, count: 8 }),
    },
    queryAnchor: {
      steps: [{ kind: 'read' }, { kind: 'read' }, { kind: 'read' }],
      ready: async (ground: Ground) => {
        for (const turn of [1, 2]) await ground.confirmed('anchor', head(turn));
        return (turn: number) => ({ no: head(1 + (turn % 2)).anchorNo });
      },
    },
  },
  notices: {},
  tables: {
    'evidence.webase.front': {
      by: 'answer',
      operation: 'anchor',
      give: (code, genuine) => ({
        ...genuine,
        status: 422,
        body: Buffer.from(JSON.stringify({ code: Number(code), data: null, errorMessage: 'no' })),
      }),
      unmapped: '209999',
    },
    'evidence.webase.revert': {
      by: 'answer',
      operation: 'anchor',
      give: receipt((reason) => ({ status: '0x16', output: encodeError(reason), message: reason })),
      shownAs: '0x16',
      unmapped: undefined, // Any other reason is a plain revert: row 0x16 of the statuses.
    },
    'evidence.webase.status': {
      by: 'answer',
      operation: 'anchor',
      give: receipt((status) => ({ status, output: '0x', message: 'no' })),
      unmapped: '0xc',
    },
  },
  limits: [],
  bugs: {
    'no-receipt-is-success': {
      what: 'takes a receipt that says no for an anchoring',
      plant: (dialect) =>
        changed(dialect, {
          act: (own, operation) => async (request, wire) => {
            try {
              return await own(request, wire);
            } catch (thrown) {
              if (operation !== 'anchor' || !isFailure(thrown)) throw thrown;
              const { anchorNo } = request as { anchorNo: string };
              return {
                anchorNo,
                txHash: `0x${'0'.repeat(64)}`,
                blockNumber: '1',
                anchoredAt: new Date().toISOString(),
              };
            }
          },
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
