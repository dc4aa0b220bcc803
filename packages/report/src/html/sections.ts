import { dollarsTogether } from '@agentteam/contract';
import type { AgentDetail, DiffDetail, GateDecision, TeamDetail } from '@agentteam/detail';
import { isFromPerson, markOf } from '@agentteam/detail/message-kind';
import {
  agentTitle,
  answerTo,
  count,
  counted,
  duration,
  STATES,
  size,
  stepTitles,
  time,
} from '../facts.ts';
import { type Html, html, type Part } from './html.ts';
import { markdown } from './markdown.ts';
import { preview } from './preview.ts';

/** The sections of the page that are lists and tables. A section without content is absent. */

export function results({ results: found, delivery, diffs }: TeamDetail): Html | undefined {
  if (found.files.length === 0 && delivery === undefined && diffs.length === 0) return undefined;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Place', found.place],
    ['Branch', delivery?.branch],
    ['Pull request', delivery?.url && `${delivery.url} (${delivery.state ?? 'open'})`],
    ['Commit', delivery?.commit],
  ];
  return html`${definitions(
    facts.flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
    'wide',
  )}
${found.files.map(
  (file) =>
    html`<details open><summary><h3>${file.path}</h3> <span class="muted">${size(file.bytes)}</span></summary>${preview(file) ?? html`<p class="muted">No preview.</p>`}</details>`,
)}${found.cut ? html`<p class="muted">There are more files than these.</p>` : undefined}`;
}

export function steps({ steps: all }: TeamDetail): Html {
  const titles = stepTitles(all);
  return table(
    'Steps',
    ['Step', 'State', 'Started', 'Took', 'After', 'Remarks'],
    all.map((step) => [
      step.title,
      html`<span class="state ${step.state}">${STATES[step.state].mark} ${STATES[step.state].text}</span>`,
      step.startedAt === undefined ? '' : time(step.startedAt),
      step.startedAt === undefined || step.endedAt === undefined
        ? ''
        : duration(step.startedAt, step.endedAt),
      step.dependsOn.map(titles).join(', '),
      step.message,
    ]),
  );
}

export function agents({ agents: all }: TeamDetail): Html {
  const spent = dollarsTogether(all.map(({ usd }) => usd));
  return html`${all.map((one, index) => agent(one, spent[index] ?? ''))}`;
}

function agent(one: AgentDetail, spent: string): Html {
  const { state, role, model, turns, restarts, tasks, messagesSent, message, report } = one;
  const facts = [
    model,
    counted(turns, 'turn'),
    ...(restarts > 0 ? [counted(restarts, 'restart')] : []),
    `${tasks.completed} of ${counted(tasks.total, 'task')}`,
    `${counted(messagesSent, 'message')} sent`,
    spent,
  ];
  return html`<article><h3>${agentTitle(one)} <span class="state ${state}">${STATES[state].mark} ${one.outcome ?? STATES[state].text}</span></h3>
<p class="muted">${facts.filter((fact) => fact !== '').join(' · ')}</p>
${message === undefined ? undefined : html`<p>${message}</p>`}${
  report === undefined
    ? undefined
    : role === 'lead'
      ? html`<p class="muted">Its report is the outcome above.</p>`
      : markdown(report)
}</article>`;
}

export function tasks({ tasks: all }: TeamDetail): Html | undefined {
  if (all.length === 0) return undefined;
  return table(
    'Tasks',
    ['#', 'Task', 'Owner', 'Status', 'After'],
    all.map((task) => [
      task.id,
      task.subject,
      task.owner,
      task.status.replace('_', ' '),
      task.blockedBy.join(', '),
    ]),
  );
}

/** Messages that a report shows. */
const MOST_MESSAGES = 500;

export function conversation({ messages, agents }: TeamDetail): Html | undefined {
  const said = messages.filter(
    ({ kind, from, to }) =>
      kind === 'message' || isFromPerson(kind) || (kind === 'task' && from !== to),
  );
  if (said.length === 0) return undefined;
  const shown = said.slice(-MOST_MESSAGES);
  const left = said.length - shown.length;
  const names = new Set(agents.map(({ name }) => name));
  return html`${left > 0 ? html`<p class="muted">${count(left)} earlier messages were left out.</p>` : undefined}<ol class="mail">${shown.map(
    ({ kind, from, to, at, text, delivered }) => {
      const mark = markOf({ kind, from }, names);
      return html`<li><p><b>${from}</b> to <b>${to}</b> <span class="muted">${time(at)}${mark && `, ${mark}`}${delivered ? undefined : html`, not read yet`}</span></p><pre>${text}</pre></li>`;
    },
  )}</ol>`;
}

export function decisions({ gates }: TeamDetail): Html | undefined {
  if (gates.length === 0) return undefined;
  const rows = gates.flatMap(({ event, state, approvers, openedAt, decisions: made }) => {
    const opened = openedAt === undefined ? '' : time(openedAt);
    const none: readonly (GateDecision | undefined)[] = made.length === 0 ? [undefined] : made;
    return none.map((decision): readonly Part[] => [
      event,
      decision === undefined ? state : `${decision.decision}d`.replace('rejectd', 'rejected'),
      decision?.by ?? (approvers.length === 0 ? '' : `may decide: ${approvers.join(', ')}`),
      opened,
      decision?.at === undefined ? '' : time(decision.at),
      decision?.via,
      decision?.reason,
    ]);
  });
  return table(
    'Decisions on gates',
    ['Gate', 'Decision', 'By', 'Opened', 'Decided', 'Through', 'Reason'],
    rows,
  );
}

export function questions({ questions: all }: TeamDetail): Html | undefined {
  if (all.length === 0) return undefined;
  return table(
    "Questions of agents, in the agents' words",
    ['Question', 'Agent', 'Asked', 'Text', 'Answer', 'By', 'Answered', 'Through'],
    all.map((question): readonly Part[] => {
      const { id, agent, askedAt, text, choices = [], answer } = question;
      return [
        id,
        agent,
        time(askedAt),
        [text, ...choices.map((choice, index) => `${index + 1}. ${choice}`)].join('\n'),
        answerTo(question),
        answer?.by,
        answer === undefined ? '' : time(answer.at),
        answer?.via,
      ];
    }),
  );
}

export function checks({ checks: all }: TeamDetail): Html | undefined {
  if (all.length === 0) return undefined;
  return table(
    'Checks',
    ['Check', 'Result', 'Command', 'Remarks'],
    all.map((check) => [
      check.name,
      html`<span class="state ${check.ok ? 'done' : 'failed'}">${check.ok ? '✓ passed' : '✗ failed'}</span>`,
      html`<code>${check.command}</code>`,
      check.detail,
    ]),
  );
}

export function changes({ diffs }: TeamDetail): Html | undefined {
  return diffs.length === 0 ? undefined : html`${diffs.map(change)}`;
}

function change({ agent: who, branch, base, head, files, patch }: DiffDetail): Html {
  const lines = (value: number | undefined, sign: string): string =>
    value === undefined ? 'binary' : `${sign}${value}`;
  return html`<details${who === undefined ? html` open` : undefined}><summary><h3>${who ?? 'Merged result'}</h3> <span class="muted">${counted(files.length, 'file')}, branch ${branch}, ${base.slice(0, 12)}…${head.slice(0, 12)}</span></summary>
${table(
  `Files changed in ${branch}`,
  ['File', 'Added', 'Removed'],
  files.map(({ path, added, removed }) => [
    html`<code>${path}</code>`,
    lines(added, '+'),
    lines(removed, '−'),
  ]),
)}
${patch === undefined ? undefined : html`<pre class="patch" tabindex="0">${patch.split('\n').map(patchLine)}</pre>`}</details>`;
}

function patchLine(line: string): Html {
  const kind = /^(?:\+\+\+|---|diff |index )/.test(line)
    ? 'file'
    : ({ '+': 'plus', '-': 'minus', '@': 'hunk' }[line.charAt(0)] ?? '');
  return kind === '' ? html`${line}\n` : html`<span class="${kind}">${line}</span>\n`;
}

export function events({ events: all }: TeamDetail): Html | undefined {
  if (all.length === 0) return undefined;
  return html`<details><summary>${counted(all.length, 'event')}</summary>${table(
    'Events',
    ['Time', 'Event'],
    all.map(({ at, text }) => [time(at), text]),
  )}</details>`;
}

export function notices({ notices: all }: TeamDetail): Html | undefined {
  if (all.length === 0) return undefined;
  return html`<ul>${all.map(({ agent: who, message }) => html`<li>${who === undefined ? '' : `${who}: `}${message}</li>`)}</ul>`;
}

export function definitions(
  facts: readonly (readonly [string, string])[],
  kind = 'facts',
): Html | undefined {
  if (facts.length === 0) return undefined;
  return html`<dl class="${kind}">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function table(name: string, titles: readonly string[], rows: readonly (readonly Part[])[]): Html {
  return html`<div class="scroll" role="region" aria-label="${name}" tabindex="0"><table>
<thead><tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td${classOf(cell)}>${cell}</td>`)}</tr>`)}</tbody>
</table></div>`;
}

/** Characters from which a text gets a wide column, so that it is readable on a phone. */
const LONG = 60;

/** Times are not wrapped. */
function classOf(cell: Part): Html | undefined {
  if (typeof cell !== 'string') return undefined;
  if (/^\d{4}-\d\d-\d\d [\d:]{8} UTC$/.test(cell)) return html` class="when"`;
  return cell.length > LONG ? html` class="long"` : undefined;
}
