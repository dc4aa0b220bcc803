import { ORDERS } from '@agentteam/contract';
import { FiguresError } from './answer.ts';
import { keyFor, type ProvenFor } from './proven-for.ts';
import { seal, unseal } from './seal.ts';

/**
 * Adds an order to the headers of a question. It is encrypted and authenticated with the namespace's key,
 * together with the question's nonce. A gateway also checks that it is newer than the last one.
 */
export function orderHeader(
  key: string,
  of: ProvenFor,
  nonce: string,
  order: string,
): Readonly<Record<string, string>> {
  const sealed = seal(keyFor(key, 'order', of), nonce, order);
  return { [ORDERS.header]: sealed.toString('base64url') };
}

/**
 * Opens the order in the headers of a request.
 * @param nonce the nonce of the question: see `isAskedBy`.
 * @throws FiguresError when there is none, or it was not made with this key for this question.
 */
export function openOrder(
  key: string,
  of: ProvenFor,
  nonce: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): string {
  const header = headers[ORDERS.header];
  const sealed = Buffer.from(typeof header === 'string' ? header : '', 'base64url');
  try {
    return unseal(keyFor(key, 'order', of), nonce, sealed);
  } catch (cause) {
    throw new FiguresError('the order was not made for this gateway', { cause });
  }
}
