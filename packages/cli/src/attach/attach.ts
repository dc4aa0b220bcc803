import { agentNamed, CONTAINERS, LEAD, STEPS, shownName } from '@agentteam/contract';
import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import { storyLine } from '../output/logs/story-line.ts';
import { safe } from '../output/terminal/safe.ts';
import { receiversIn } from '../teams/receivers.ts';
import type { HostedTeam, LogOptions, TeamHost } from '../teams/team-host.ts';
import type { Prompt, Typed } from './prompt.ts';

/** Earlier lines of the agent that are shown at first. */
const EARLIER_LINES = 20;

/** What an agent gets that a person has interrupted and left without a message. */
const GO_ON = 'Go on with your work.';

/** How long leaving may take. */
const LEAVE_WITHIN_MS = 10_000;

const HELP = 'A line is sent to the agent. Ctrl-C interrupts it; Ctrl-D or /leave leaves.';

/** Which agent to attach to. */
export interface Attached {
  readonly run: string;
  readonly agent: string;
}

/**
 * Shows an agent until the person leaves or the agent has ended, and sends it what the person types.
 * @throws Failure for an agent that does not exist or has ended.
 */
export async function attach(
  host: TeamHost,
  { run, agent: word }: Attached,
  prompt: Prompt,
  { colors, signal }: Pick<Context, 'colors' | 'signal'>,
): Promise<void> {
  const agent = agentNamed(word);
  const left = new AbortController();
  const until = AbortSignal.any([signal, left.signal]);
  const say = (text: string): void => prompt.print(colors.dim(safe(text)));
  let isWaiting = false;
  /** Requests in the order in which they were typed. */
  let requests: Promise<void> = Promise.resolve();
  const request = (work: () => Promise<void>): void => {
    requests = requests.then(work).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      say(`✗ ${error.message}`);
    });
    requests.catch(() => left.abort());
  };
  const tell = async (text: string, limit = signal): Promise<void> => {
    await host.tell(run, { agents: [agent], text }, limit);
  };
  const interrupt = async (): Promise<void> => {
    try {
      await host.interrupt(run, agent, signal);
    } catch (error) {
      isWaiting = false;
      throw error;
    }
    say(`${shownName(agent)} is interrupted and waits for your line. Ctrl-C again leaves.`);
  };
  const onTyped = (typed: Typed): void => {
    const text = typed.kind === 'line' ? typed.text.trim() : '';
    if (typed.kind === 'end' || text === '/leave' || (typed.kind === 'interrupt' && isWaiting)) {
      left.abort();
    } else if (typed.kind === 'interrupt') {
      isWaiting = true;
      request(interrupt);
    } else if (text !== '') {
      isWaiting = false;
      request(() => tell(text));
    }
  };
  try {
    receiversIn(await host.get(run), [agent]);
    say(HELP);
    prompt.listen(onTyped);
    const lines = follow(host, { run, agent }, until, {
      show: (line) => prompt.print(line),
      colors,
    });
    const ended = await Promise.race([lines.then(() => undefined), end(host, run, agent, until)]);
    left.abort();
    await Promise.all([lines, requests]);
    if (ended !== undefined) say(ended);
    else if (isWaiting) {
      // The signal may be aborted, and the agent must not keep waiting.
      await tell(GO_ON, AbortSignal.timeout(LEAVE_WITHIN_MS));
      say(`${shownName(agent)} goes on.`);
    }
  } finally {
    left.abort();
    prompt.close();
  }
}

/** Shows the last lines of the agent's log, and the new ones as they come. */
async function follow(
  host: TeamHost,
  { run, agent }: Attached,
  signal: AbortSignal,
  { show, colors }: { readonly show: (line: string) => void } & Pick<Context, 'colors'>,
): Promise<void> {
  const steps = [agent === LEAD ? STEPS.lead : agent];
  const options = { steps, container: CONTAINERS.main, signal, byTime: true };
  let earlier = 0;
  for await (const _ of host.logs(run, { ...options, follow: false })) earlier += 1;
  const hidden = Math.max(0, earlier - EARLIER_LINES);
  if (hidden > 0) show(colors.dim(`… ${hidden} earlier lines: agentteam logs ${safe(run)}`));
  let index = 0;
  const all: LogOptions = { ...options, follow: true };
  for await (const line of host.logs(run, all)) {
    if (signal.aborted) return;
    if (index >= hidden) show(storyLine(line, colors));
    index += 1;
  }
}

const ENDED: ReadonlySet<string | undefined> = new Set(['Completed', 'Failed', 'Skipped']);

/** Resolves with why there is nothing to follow any more, or undefined when the signal aborts. */
async function end(
  host: TeamHost,
  run: string,
  agent: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  let last: HostedTeam | undefined;
  for await (const hosted of host.follow(run, signal)) {
    const { lead, teammates = [] } = hosted.status;
    const member = agent === LEAD ? lead : teammates.find(({ name }) => name === agent);
    if (ENDED.has(member?.phase)) return `${shownName(agent)} has ended: ${member?.phase}`;
    last = hosted;
  }
  if (signal.aborted) return undefined;
  return last?.interrupted
    ? `${last.name} was interrupted. To continue it, run: agentteam resume ${last.reference}`
    : `${shownName(agent)} has ended: the team has ended`;
}
