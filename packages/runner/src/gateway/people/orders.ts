import { join } from 'node:path';
import { FILES, isRecord, type OrderReply, parseJson, toTeamOrder } from '@agentteam/contract';
import { FiguresError } from '@agentteam/figures';
import {
  LIMITS,
  PersonMessageError,
  readUntrustedJson,
  removeTeamPause,
  sendPersonMessage,
  writeJson,
  writeTeamPause,
} from '@agentteam/volume';
import type { Logger } from '../log.ts';

/**
 * Carries out what people want of the team: pauses it or ends the pause, and writes their messages to the
 * volume. Carrying out the same order again changes nothing.
 * @param text a `TeamOrder` as JSON, whose sender has proven that it has the namespace's key.
 * @throws FiguresError for an order that is malformed, or older than one that was carried out: somebody who
 *   has recorded it may be repeating it.
 */
export async function carryOut(
  { control, log }: { readonly control: string; readonly log: Logger },
  text: string,
): Promise<OrderReply> {
  const order = toTeamOrder(parseJson(text));
  if (order === undefined) throw new FiguresError('the order is malformed');
  const { at, pause, messages } = order;
  const path = join(control, FILES.order);
  const last: unknown = await readUntrustedJson(path, LIMITS.smallFileBytes);
  const lastAt = isRecord(last) && typeof last['at'] === 'string' ? last['at'] : '';
  if (lastAt !== '' && Date.parse(at) <= Date.parse(lastAt)) {
    throw new FiguresError('the order is not newer than the last one');
  }
  await writeJson(path, { at });
  if (pause === undefined) await removeTeamPause(control);
  else await writeTeamPause(control, pause.by, pause.at);
  const delivered: string[] = [];
  const refused: { readonly id: string; readonly reason: string }[] = [];
  for (const { agent, ...message } of messages) {
    try {
      await sendPersonMessage(control, agent, message);
      delivered.push(message.id);
    } catch (error) {
      if (!(error instanceof PersonMessageError || error instanceof RangeError)) throw error;
      refused.push({ id: message.id, reason: error.message });
    }
  }
  log.info({ event: 'order', paused: pause !== undefined, messages: delivered.length });
  return { delivered, refused };
}
