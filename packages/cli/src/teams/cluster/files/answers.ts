import { isRecord } from '@agentteam/contract';
import type { TranscriptPage } from '@agentteam/detail';
import { Failure } from '../../../failure.ts';
import { parseAnswer } from '../volume/ask-session.ts';

/** Bytes of one answer that the page takes from a pod. */
export const ANSWER_BYTES = 50_331_648; // 48 Mi
/** Characters of a position, which is `<offset>@<name of a file>` and is kept for each page. */
const LONGEST_POSITION = 1_024;

/**
 * Parses a page of a transcript, which a pod with any program in it may have sent.
 * @throws Failure for anything else.
 */
export function parsePage(content: Buffer): TranscriptPage {
  const value = parseAnswer(content);
  const { entries, next, more } = isRecord(value) ? value : {};
  const isPosition = typeof next === 'string' && next.length <= LONGEST_POSITION;
  if (!Array.isArray(entries) || !isPosition || typeof more !== 'boolean') {
    throw new Failure('the pod has answered with something else');
  }
  return { entries, next, more };
}
