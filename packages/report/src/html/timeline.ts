import type { AgentDetail, AgentSpan, TeamDetail } from '@agentteam/detail';
import { agentTitle, counted, duration, STATES, time } from '../facts.ts';
import { type Html, html } from './html.ts';

/** Units of the drawing; the page stretches it. */
const WIDTH = 1000;
const HEIGHTS: Readonly<Record<AgentSpan['kind'], readonly [y: number, height: number]>> = {
  attempt: [0, 20],
  turn: [3, 14],
  tool: [6, 8],
  wait: [3, 14],
};

/** Draws when each agent worked: its attempts, and in them its turns and tool calls. */
export function timeline({ summary, agents }: TeamDetail, now: string): Html | undefined {
  const { startedAt, endedAt = now } = summary;
  if (startedAt === undefined) return undefined;
  const [from, to] = [Date.parse(startedAt), Date.parse(endedAt)];
  if (!(to > from)) return undefined;
  const scale = (at: string): number =>
    Math.min(WIDTH, Math.max(0, ((Date.parse(at) - from) / (to - from)) * WIDTH));
  return html`<div class="timeline">
<p class="key"><span class="swatch attempt"></span> attempt <span class="swatch turn"></span> turn <span class="swatch tool"></span> tool <span class="swatch wait"></span> waiting for the provider or a restart</p>
${agents.map((agent) => row(agent, scale, endedAt))}
<p class="axis"><span>${time(startedAt)}</span><span>${time(endedAt)}</span></p>
</div>`;
}

function row(agent: AgentDetail, scale: (at: string) => number, end: string): Html {
  const tools = agent.spans.filter(({ kind }) => kind === 'tool').length;
  const turns = agent.spans.filter(({ kind }) => kind === 'turn').length;
  const waits = agent.spans.filter(({ kind }) => kind === 'wait').length;
  const took =
    agent.startedAt === undefined ? '' : `, ${duration(agent.startedAt, agent.endedAt ?? end)}`;
  const facts = `${STATES[agent.state].text}${took}, ${counted(turns, 'turn')}, ${counted(tools, 'tool call')}${waits === 0 ? '' : `, ${counted(waits, 'wait')}`}`;
  return html`<div class="row"><span class="who">${agentTitle(agent)}</span>
<span class="muted">${facts}</span>
<svg viewBox="0 0 ${WIDTH} 20" preserveAspectRatio="none" role="img" aria-label="${agentTitle(agent)}: ${facts}">${agent.spans.map((span) => bar(span, scale, end))}</svg></div>`;
}

function bar(span: AgentSpan, scale: (at: string) => number, end: string): Html {
  const [y, height] = HEIGHTS[span.kind];
  const x = scale(span.from);
  const width = Math.max(1.5, scale(span.to ?? end) - x);
  return html`<rect class="${span.kind}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}"><title>${span.name}, ${duration(span.from, span.to ?? end)}</title></rect>`;
}
