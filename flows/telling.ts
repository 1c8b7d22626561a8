/** Text messages (短信) to the people of a company: as little as needed, and never what stops the business when it does not arrive. */
import type { Message } from '../contracts/contract.ts';
import { isFailure } from '../contracts/failures.ts';
import { notify, type SmsMessage } from '../contracts/notify/notify.ts';
import type { Run } from '../engine/flow.ts';
import { disclose } from '../ledger/parties/consents.ts';
import { signerOf } from '../ledger/parties/authorities.ts';
import { messageSha256 } from './disclosures.ts';

type Sms = Message<typeof SmsMessage>;

export interface Text {
  /** Ours; letters, digits and dashes. */
  readonly no: string;
  /** Whose people. */
  readonly party: string;
  readonly system: string;
  readonly template: Sms['template'];
  readonly params: Readonly<Record<string, string>>;
}

/** 个人信息保护法 第13条第2项: what a party must know of its own contract. */
const ownContract = { kind: 'CONTRACT', note: '个人信息保护法 第13条第2项 履行合同所必需的通知' } as const;

/** To whoever may sign for the party. That it was not taken is in the journal, and no more. */
export async function textTo(run: Run, text: Text): Promise<void> {
  const { party, system } = text;
  try {
    const phone = await run.record(`whom to tell: ${text.template}`, async (tx) => {
      const found = await signerOf(tx, party);
      await disclose(
        tx,
        {
          party,
          recipient: system,
          purpose: 'notification',
          dataKinds: ['CONTACT'],
          documentSha256: messageSha256(text),
          legalBasis: ownContract,
        },
        `run:${run.id}`,
      );
      return found.phone;
    });
    const params = Object.entries(text.params).map(([name, value]) => ({ name, value }));
    await run.call(
      notify.operations.sendSms,
      { messageNo: text.no, phone, template: text.template, params },
      { system, name: `${notify.operations.sendSms.name} ${text.template}` },
    );
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
  }
}
