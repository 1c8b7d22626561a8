/**
 * `lianshu send`: pushes an order as a trading unit's system would, an ORDERS05 IDoc to the ERP's door, a JSON order to
 * the same door (OData shape) or, signed, to the hub's own API (canonical shape).
 */
import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from '../contracts/contract.ts';
import type { TradeOrder } from '../contracts/sap/sap.ts';
import { runningHub, sandboxControl } from './running.ts';

export async function send(file: string | undefined, options: { json: boolean }): Promise<number> {
  if (file === undefined)
    throw new Error('发送哪个文件？ which file? for example: npx lianshu send adapters/sap/examples/orders05.xml');
  if (!existsSync(file)) throw new Error(`没有该文件 no such file: ${file}`);
  const { home, url } = await runningHub();
  const body = readFileSync(file);
  const text = body.toString('utf8').trimStart();
  const shape = text.startsWith('<') ? 'idoc' : isCanonical(text) ? 'canonical' : 'odata';
  const control = sandboxControl(home);
  // In the sandbox somebody must have booked the order in SAP too, or reading it back finds nothing.
  if (control) await book(control, shape, text);
  const startedAt = performance.now();
  const answer =
    shape === 'canonical' ? await pushSigned(home, url, body) : await pushToErpDoor(home, url, shape, body);
  const ms = Math.round(performance.now() - startedAt);
  const answered = await answer.text();
  if (!answer.ok) return refused(answer.status, answered, options.json);
  const order = orderOf(shape, text);
  const playing = control && order ? await adopt(control, order) : false;
  const watch = order ? `${url}/k/order/${encodeURIComponent(order.no)}` : `${url}/runs`;
  if (options.json) process.stdout.write(`${JSON.stringify({ status: answer.status, order: order?.no, watch, ms })}\n`);
  else {
    process.stdout.write(`✓ ${answer.status}  ${ms} ms  订单 order ${order?.no ?? '?'}\n  查看 watch: ${watch}\n`);
    if (control && order && !playing)
      process.stdout.write(
        `  客户 customer ${order.customer} 不在沙箱人物中，流程将等待其入驻  nobody in the sandbox plays this customer: the case will wait for it to register\n`,
      );
  }
  return 0;
}

function isCanonical(text: string): boolean {
  return /"orderNo"\s*:/.test(text) && /"messageNo"\s*:/.test(text);
}

/** The technical user that the ERP and the hub agreed upon. */
function pushToErpDoor(home: string, url: string, shape: 'idoc' | 'odata', body: Buffer): Promise<Response> {
  const { projects, systems } = setupOf(home);
  const erpId = projects[0]?.systems.erp ?? '';
  const erp = systems.find((system) => system.id === erpId);
  const user = erp?.settings['inboundUser'] ?? '';
  const password = readFileSync(join(home, 'keys', erpId, 'hub', 'inbound-password.txt'), 'utf8').trim();
  return fetch(`${url}/in/${erpId}/${shape === 'idoc' ? 'idoc' : 'orders'}`, {
    method: 'POST',
    headers: {
      'content-type': shape === 'idoc' ? 'text/xml; charset=utf-8' : 'application/json',
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
    },
    body: new Uint8Array(body),
  });
}

/** Standard Webhooks: HMAC-SHA256 over id, time and body. */
function pushSigned(home: string, url: string, body: Buffer): Promise<Response> {
  const id = `msg_${createHash('sha256').update(body).digest('hex').slice(0, 32)}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const secret = Buffer.from(
    readFileSync(join(home, 'keys', 'unit', 'hub', 'webhook.txt'), 'utf8')
      .trim()
      .replace(/^whsec_/, ''),
    'base64',
  );
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return fetch(`${url}/v1/orders`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
      'x-lianshu-caller': 'unit',
    },
    body: new Uint8Array(body),
  });
}

async function book(control: string, shape: string, text: string): Promise<void> {
  const about = (await (await fetch(control)).json()) as { twins: { kind: string; url: string }[] };
  const erp = about.twins.find((twin) => twin.kind === 'sap');
  const args =
    shape === 'idoc' ? { idoc: text } : { order: shape === 'canonical' ? asSalesOrder(parsed(text)) : parsed(text) };
  await fetch(`${erp?.url}/_twin/acts/book`, { method: 'POST', body: JSON.stringify(args) });
}

/** A canonical order in the shape in which SAP's own clerks show one: what is missing or wrong the hub will say. */
function asSalesOrder(order: unknown): object {
  const { orderNo, orderDate, total, currency, buyer, seller, lines } = (order ?? {}) as Partial<
    Message<typeof TradeOrder>
  >;
  return {
    SalesOrder: orderNo,
    SalesOrderType: 'OR',
    SalesOrganization: seller?.externalNo,
    SoldToParty: buyer?.externalNo,
    SalesOrderDate: `/Date(${Date.parse(orderDate ?? '')})/`,
    TotalNetAmount: total,
    TransactionCurrency: currency,
    to_Item: {
      results: (Array.isArray(lines) ? lines : []).map((line) => ({
        SalesOrderItem: line.lineNo,
        SalesOrderItemText: line.description ?? line.materialCode,
        Material: line.materialCode,
        RequestedQuantity: line.quantity,
        RequestedQuantityUnit: line.unit,
        NetAmount: line.amount,
      })),
    },
  };
}

async function adopt(control: string, order: { no: string; customer: string }): Promise<boolean> {
  const answer = await fetch(`${control}/adopt`, {
    method: 'POST',
    body: JSON.stringify({ orderNo: order.no, customerNo: order.customer }),
  });
  return answer.ok && ((await answer.json()) as { adopted: boolean }).adopted;
}

/** The order's number and customer, only to say where to watch it: what counts is what the hub reads. */
function orderOf(shape: string, text: string): { no: string; customer: string } | undefined {
  const plain = (number: string | undefined) =>
    number === undefined ? undefined : /^\d+$/.test(number) ? number.replace(/^0+(?=\d)/, '') : number;
  if (shape === 'idoc') {
    const no = plain(/<E1EDK01\b[^>]*>[\s\S]*?<BELNR>([^<]+)<\/BELNR>/.exec(text)?.[1]);
    const customer = plain(/<PARVW>AG<\/PARVW>\s*<PARTN>([^<]+)<\/PARTN>/.exec(text)?.[1]) ?? '';
    return no === undefined ? undefined : { no, customer };
  }
  const document = parsed(text) as Record<string, unknown> | undefined;
  const order:
    | { SalesOrder?: string; SoldToParty?: string; orderNo?: string; buyer?: { externalNo?: string } }
    | undefined = document?.['d'] ?? document;
  const no = plain(order?.SalesOrder ?? order?.orderNo);
  return no === undefined ? undefined : { no, customer: plain(order?.SoldToParty ?? order?.buyer?.externalNo) ?? '' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // The hub will say what is wrong with it.
  }
}

function refused(status: number, answered: string, json: boolean): number {
  const problem = parsed(answered) as
    | {
        title?: string;
        detail?: string;
        errors?: { pointer: string; code: string; detail: string }[];
        request_id?: string;
      }
    | undefined;
  if (json) process.stdout.write(`${answered}\n`);
  else {
    process.stdout.write(`✗ ${status}  ${problem?.title ?? ''}\n  ${problem?.detail ?? answered}\n`);
    for (const error of problem?.errors ?? [])
      process.stdout.write(`  ${error.pointer}  ${error.code}: ${error.detail}\n`);
    if (problem?.request_id) process.stdout.write(`  ${problem.request_id}\n`);
  }
  return 1;
}

function setupOf(home: string): {
  projects: { systems: { erp: string } }[];
  systems: { id: string; settings: Record<string, string> }[];
} {
  return JSON.parse(readFileSync(join(home, 'setup.json'), 'utf8')) as ReturnType<typeof setupOf>;
}
