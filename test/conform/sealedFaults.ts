/** What can be wrong with a signed answer although every byte arrives. */
import type { Fault } from './fault.ts';
import type { Play } from './proxy.ts';
import type { Answer, AnswerSeal } from './subject.ts';

function sealed(
  name: string,
  change: (answer: Answer, seal: AnswerSeal, play: Play) => Answer | Promise<Answer>,
  earlier?: true,
): Fault {
  return {
    name,
    class: 'forged',
    on: 'any',
    sealed: true,
    ...(earlier ? { earlier } : {}),
    play: async (play) => {
      if (!play.seal) throw new Error('this vendor signs no answer');
      const answer = await play.forward();
      play.send(await change(answer, play.seal, play));
    },
  };
}

const again = (name: string, body: (genuine: Buffer) => Buffer): Fault =>
  sealed(name, (answer, seal, { asked, keys }) => seal.sign({ ...answer, body: body(answer.body) }, asked, keys));

export const sealedFaults: readonly Fault[] = [
  sealed('signature-bit-flipped', (answer, seal) => seal.flip(answer)),
  sealed('signature-missing', (answer, seal) => seal.strip(answer)),
  sealed('signed-content-altered', (answer, seal) => seal.alter(answer)),
  sealed('signed-by-another-key', (answer, seal, { asked, strangerKeys }) => seal.sign(answer, asked, strangerKeys)),
  sealed('signature-of-an-earlier-answer', (answer, seal, { earlier }) => seal.borrow(answer, earlier ?? answer), true),
  again('well-signed-garbage', () => Buffer.from('{"a":')),
  again('well-signed-nothing', () => Buffer.alloc(0)),
  again('well-signed-null', () => Buffer.from('null')),
  again('well-signed-page', () => Buffer.from('<html><body>Please log in<br></body></html>')),
];
