import { userInfo } from 'node:os';
import { PersonMessageError, requestInterrupt, sendPersonMessage } from '@agentteam/volume';
import { Failure } from '../../failure.ts';
import { notesAbout, receiversIn, requireRunning } from '../receivers.ts';
import type { TellOptions, TellResult } from '../team-host.ts';
import type { LocalTeam } from './local-team.ts';

/** Sends a person's message to agents of a run on this machine. */
export async function tellLocally(team: LocalTeam, options: TellOptions): Promise<TellResult> {
  const { by = userInfo().username, text } = options;
  const hosted = await team.read();
  const receivers = receiversIn(hosted, options.agents);
  const agents = receivers.map(({ agent }) => agent);
  let name = by;
  for (const agent of agents) {
    try {
      name = (await sendPersonMessage(team.volumes.control, agent, { by, text })).by;
    } catch (cause) {
      if (!(cause instanceof PersonMessageError)) throw cause;
      throw new Failure(cause.message, { cause });
    }
  }
  const stopped = `no process is running ${hosted.name}; the message is delivered after: agentteam resume ${hosted.reference}`;
  return { by: name, agents, notes: hosted.interrupted ? [stopped] : notesAbout(receivers) };
}

/** Interrupts the turn of an agent of a run on this machine. */
export async function interruptLocally(team: LocalTeam, agent: string): Promise<void> {
  const hosted = await team.read();
  requireRunning(hosted, agent);
  await requestInterrupt(team.volumes.control, agent, userInfo().username);
}
