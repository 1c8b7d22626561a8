/** What goes back: an envelope with the answer, or with a fault whose detail is the hub's problem document. */
import type { Failure } from '../../../contracts/failures.ts';
import { buildXml, type XmlElement } from '../../../contracts/gate/xml.ts';
import { problemOf } from '../../../contracts/problem.ts';
import { problemNamespace } from '../../../contracts/wms/soap.wire.ts';
import type { Reply } from '../../adapter.ts';

const open =
  '<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>';
const close = '</soap:Body></soap:Envelope>';
const detailCharsMax = 500;
const errorsMax = 20;

export function xmlReply(status: number, xml: string | Buffer, enveloped?: 'in an envelope'): Reply {
  return {
    status,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: Buffer.from(enveloped ? `${open}${xml.toString()}${close}` : xml),
  };
}

/** SOAP 1.1, 6.2: HTTP 500 whatever the fault is; its code says whose it is. */
export function fault(failure: Failure): Reply {
  const { body } = problemOf(failure);
  const special = failure.errors.find(({ code }) => Object.hasOwn(faultCodes, code));
  const code = faultCodes[special?.code ?? ''] ?? (body.retryable ? 'Server' : 'Client');
  const errors = (body.errors ?? []).slice(0, errorsMax);
  const problem = element('p:problem', [
    element('p:code', body.code),
    element('p:detail', body.detail.slice(0, detailCharsMax)),
    element('p:requestId', body.request_id),
    element('p:retryable', String(body.retryable)),
    ...errors.map((each) => ({
      ...element('p:error', each.detail.slice(0, detailCharsMax)),
      attributes: { xpath: each.pointer, code: each.code },
    })),
  ]);
  const whole = element('soap:Fault', [
    element('faultcode', `soap:${code}`),
    element('faultstring', body.title),
    element('detail', [{ ...problem, attributes: { 'xmlns:p': problemNamespace } }]),
  ]);
  return xmlReply(500, buildXml(whole), 'in an envelope');
}

/** By the code of the error that is told. */
const faultCodes: Readonly<Record<string, string>> = {
  versionMismatch: 'VersionMismatch',
  mustUnderstand: 'MustUnderstand',
};

function element(name: string, content: string | XmlElement[]): XmlElement {
  const isText = typeof content === 'string';
  // What a name of the sender's may hold, XML may not be able to carry.
  const text = isText ? content.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd') : '';
  return { name, attributes: {}, children: isText ? [] : content, text };
}
