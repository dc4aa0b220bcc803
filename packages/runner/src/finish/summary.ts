import {
  type AgentLive,
  dollars,
  dollarsTogether,
  shownName,
  type TaskCounts,
  type TeamLive,
  type TokenCounts,
} from '@agentteam/contract';
import { cutText, textFor } from '@agentteam/text';

const REASON_LENGTH = 500;

/** What a team did and cost, as text: one line for the team, then a paragraph for each agent. */
export function summaryText(live: TeamLive, outcome: string): string {
  const limit = live.limit === undefined ? '' : ` of ${dollars(live.limit)}`;
  const head = `${live.team} ${outcome}: ${tasks(live.tasks)}, ${dollars(live.usd)}${limit}`;
  const spent = dollarsTogether(live.agents.map(({ usd }) => usd));
  const stop = live.stop === undefined ? [] : [live.stop.message];
  const notices = (live.notices ?? []).map(({ message }) => `! ${message}`);
  return [
    head,
    `  ${tokens(live.tokens)}`,
    ...stop,
    ...notices,
    ...unownedLine(live),
    ...live.agents.map((agent, index) => agentText(agent, spent[index] ?? '')),
  ].join('\n');
}

function unownedLine({ unownedTasks = [] }: TeamLive): readonly string[] {
  if (unownedTasks.length === 0) return [];
  return [`Open tasks without an owner: ${textFor('kubernetes', unownedTasks.join(', '))}`];
}

function agentText(agent: AgentLive, spent: string): string {
  const name = shownName(agent.name);
  const facts = [
    agent.outcome === undefined ? agent.phase : `${agent.phase} (reported ${agent.outcome})`,
    plural(agent.turns, 'turn'),
    tasks(agent.tasks),
    plural(agent.messagesSent, 'message'),
    spent,
    ...duration(agent),
    ...(agent.restarts === 0 ? [] : [plural(agent.restarts, 'restart')]),
  ];
  const why = agent.message === undefined ? [] : [`  ${cutText(agent.message, REASON_LENGTH)}`];
  if (agent.phase === 'waiting' || agent.phase === 'absent') {
    return [`${name}: never started`, ...why].join('\n');
  }
  return [`${name}: ${facts.join(', ')}`, `  ${tokens(agent.tokens)}`, ...why].join('\n');
}

function tokens(counts: TokenCounts): string {
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = counts;
  return [
    `tokens: ${number(input)} in`,
    `${number(output)} out`,
    `${number(cacheRead)} cache read`,
    `${number(cacheWrite5m)} cache write 5m`,
    `${number(cacheWrite1h)} cache write 1h`,
  ].join(', ');
}

function tasks({ completed, total }: TaskCounts): string {
  return `${completed} of ${plural(total, 'task')}`;
}

function duration({ startedAt, endedAt }: AgentLive): readonly string[] {
  if (startedAt === undefined || endedAt === undefined) return [];
  const seconds = Math.round((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
  if (!(seconds >= 0)) return [];
  const minutes = Math.floor(seconds / 60);
  return [minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`];
}

function plural(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
