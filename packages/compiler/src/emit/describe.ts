import type { ResolvedTeam } from '../resolve/resolve.ts';
import { gateBefore } from '../resolve/resolve.ts';

/** The line that Argo's list of workflows shows. Argo renders it as Markdown. */
export function title(team: ResolvedTeam): string {
  const { teammates } = team;
  const names = teammates.length <= 4 ? teammates.map(({ name }) => name).join(', ') : undefined;
  return `**${team.team.metadata.name}**: lead and ${names ?? `${teammates.length} teammates`}`;
}

/**
 * What the line unfolds to: who is in the team and what waits for whom. Only names, models and
 * limits, all of a checked form: prompts are anybody's text, and this is rendered as Markdown.
 */
export function description(team: ResolvedTeam): string {
  const { lifecycle } = team.team.spec;
  const lines = [
    `- **lead** (${team.lead.model})`,
    ...team.teammates.map((mate) => {
      const after = mate.dependsOn?.length ? `, after ${mate.dependsOn.join(', ')}` : '';
      const gate = gateBefore(team.gates, { teammate: mate.name });
      const asked = gate === undefined ? '' : `, once \`${gate.event}\` is approved`;
      return `- **${mate.name}** (${mate.model})${after}${asked}`;
    }),
  ];
  const limit =
    lifecycle.budgetLimit === undefined ? 'no spending limit' : `at most $${lifecycle.budgetLimit}`;
  return [...lines, '', `${lifecycle.timeout}, ${limit}, then ${lifecycle.onComplete}`].join('\n');
}
