import { createHash } from 'node:crypto';
import type { TeamDetail } from '@agentteam/detail';
import { headFacts, NOT_REPORTED, time } from '../facts.ts';
import { costs } from './costs.ts';
import { graph } from './graph.ts';
import { type Html, html, trusted } from './html.ts';
import { markdown } from './markdown.ts';
import * as sections from './sections.ts';
import { STYLE } from './style.ts';
import { timeline } from './timeline.ts';

/**
 * Writes a team as one page that needs nothing else: no script, no request, and a policy that forbids both.
 * Texts of agents are escaped.
 * @param now when the report is made: ISO 8601.
 */
export function htmlReport(detail: TeamDetail, now: string): string {
  const { summary } = detail;
  const styleHash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const page = html`${trusted('<!doctype html>')}
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${summary.name}: ${summary.phase}</title>
<style>${trusted(STYLE)}</style></head>
<body><main>
<header><h1>${summary.name} <span class="badge ${phaseClass(summary.phase)}">${summary.phase}</span>${
    summary.rehearsal ? html` <span class="badge waiting">rehearsal</span>` : undefined
  }</h1>
${summary.message === undefined ? undefined : html`<p>${summary.message}</p>`}
${sections.definitions(headFacts(detail))}</header>
${section('Outcome', outcome(detail))}
${section('Notices', sections.notices(detail))}
${section('Results', sections.results(detail))}
${section('Changes', sections.changes(detail))}
${section('Checks', sections.checks(detail))}
${section('Decisions', sections.decisions(detail))}
${section('Questions', sections.questions(detail))}
${section('Steps', detail.steps.length === 0 ? undefined : html`${graph(detail.steps)}${sections.steps(detail)}`)}
${section('Timeline', timeline(detail, now))}
${section('Agents', sections.agents(detail))}
${section('Tasks', sections.tasks(detail))}
${section('Conversation', sections.conversation(detail))}
${section('Costs', costs(detail))}
${section('Events', sections.events(detail))}
<footer><p>Report of ${time(now)}. Agents wrote the texts, results and messages in it.</p></footer>
</main></body></html>
`;
  return page.markup;
}

function outcome({ summary }: TeamDetail): Html {
  return summary.outcome === undefined
    ? html`<p class="muted">${NOT_REPORTED}</p>`
    : html`<div class="outcome">${markdown(summary.outcome)}</div>`;
}

function section(title: string, content: Html | undefined): Html | undefined {
  if (content === undefined) return undefined;
  const id = title.toLowerCase();
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;
}

/** A class of the style sheet; a phase from elsewhere has none. */
function phaseClass(phase: string): string {
  return /^[A-Za-z]+$/.test(phase) ? phase : '';
}
