import { FIGURES } from '@agentteam/contract';
import { keyFor, type ProvenFor } from './proven-for.ts';
import { askFor, isAskedBy, type Question } from './question.ts';
import { seal, unseal } from './seal.ts';

/**
 * Makes a request that passes a person's answer to the gateway of an agent, which writes it where agents
 * cannot. The answer is in a header, because the controller may only send GET requests to pods. It is
 * encrypted: another process might have taken the port.
 * @param answer JSON.
 */
export function askToRecord(key: string, of: ProvenFor, agent: string, answer: string): Question {
  const { nonce, headers } = askFor(key, of, agent);
  const sealed = seal(keyFor(key, 'person', of, agent), nonce, answer);
  return { nonce, headers: { ...headers, [FIGURES.answerHeader]: sealed.toString('base64') } };
}

/** @returns undefined unless the request was made with the key. */
export function readAskedToRecord(
  key: string,
  of: ProvenFor,
  agent: string,
  headers: Parameters<typeof isAskedBy>[3],
): { readonly nonce: string; readonly answer: string } | undefined {
  const nonce = isAskedBy(key, of, agent, headers);
  const sealed = headers[FIGURES.answerHeader];
  if (nonce === undefined || typeof sealed !== 'string') return undefined;
  try {
    const answer = unseal(keyFor(key, 'person', of, agent), nonce, Buffer.from(sealed, 'base64'));
    return { nonce, answer };
  } catch {
    return undefined;
  }
}
