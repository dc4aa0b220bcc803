import { setTimeout as delay } from 'node:timers/promises';
import { agentNamed, shownName } from '@agentteam/contract';
import type { DetailSource, TranscriptEntry } from '@agentteam/detail';
import { Failure } from '../failure.ts';
import { ViewRegistry } from './cluster/files/view-limits.ts';
import type { TeamHost, TeamView } from './team-host.ts';

/** Entries that one request asks for. */
const PAGE_ENTRIES = 1000;
/** Milliseconds between two looks at files that are being read. */
const INTERVAL_MS = 500;

/**
 * Reads an agent's whole conversation, as the page of `agentteam ui` does.
 * @param fromVolume whether to read the team's files by a pod, where that is offered: on a cluster, after the team
 *   has ended.
 * @throws Failure when there is no such agent, or the files cannot be read.
 */
export async function* wholeTranscript(
  host: Pick<TeamHost, 'view'>,
  name: string,
  agent: string,
  fromVolume: boolean,
  signal: AbortSignal,
): AsyncIterable<TranscriptEntry> {
  const registry = new ViewRegistry();
  const view = host.view(name, registry.limits());
  try {
    const { files, members } = await readable(view, fromVolume, signal);
    const names = members.map((member) => shownName(member.name));
    if (!members.some((member) => member.name === agentNamed(agent))) {
      throw new Failure(`${name} has no agent ${agent}`, {
        hint: `Its agents: ${names.join(', ')}`,
      });
    }
    if (files !== undefined && files.readAt === undefined) {
      const hint =
        files.offer && !fromVolume ? { hint: 'To read them through a pod, use --volume.' } : {};
      throw new Failure(
        withoutPeriod(files.reason ?? 'the files of the team cannot be read'),
        hint,
      );
    }
    for (let from = ''; ; ) {
      const page = await view.transcript(agent, { from, limit: PAGE_ENTRIES }, signal);
      yield* page.entries;
      // A forged pod may say that there is more and give the same position again.
      if (!page.more || page.next === from) return;
      from = page.next;
    }
  } finally {
    view.close();
    await registry.close();
  }
}

/** Looks at a team until its files have been read, or cannot be. */
async function readable(
  view: TeamView,
  fromVolume: boolean,
  signal: AbortSignal,
): Promise<DetailSource> {
  let isAsked = false;
  for (;;) {
    const source = await view.detail(signal);
    const { files } = source;
    if (files?.progress === undefined) {
      if (!fromVolume || isAsked || files?.offer === undefined) return source;
      isAsked = true;
      await view.readFiles();
    }
    await delay(INTERVAL_MS, undefined, { signal });
  }
}

function withoutPeriod(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
