import type { Lead, Teammate } from '@agentteam/api';
import { parseDuration, parseOciReference } from '@agentteam/contract';
import type { Problem } from '../../problem.ts';

/** Checks where an agent's skills and plugins come from. */
export function checkSources(agent: Lead | Teammate, path: Problem['path']): readonly Problem[] {
  const { skills = [], plugins = [] } = agent;
  return [
    ...skills.flatMap(({ source }, index) => {
      const at = [...path, 'skills', index, 'source'];
      return [
        ...checkReference(source.oci, [...at, 'oci']),
        ...checkGitUrl(source.git?.url, [...at, 'git', 'url']),
        ...checkPath(source.git?.path, [...at, 'git', 'path']),
        ...checkTimeout(source.timeout, [...at, 'timeout']),
      ];
    }),
    ...plugins.flatMap(({ marketplace, timeout }, index) => {
      const at = [...path, 'plugins', index];
      return [
        ...checkGitUrl(marketplace.url, [...at, 'marketplace', 'url']),
        ...checkTimeout(timeout, [...at, 'timeout']),
      ];
    }),
  ];
}

function checkReference(oci: string | undefined, path: Problem['path']): readonly Problem[] {
  const parsed = oci === undefined ? undefined : parseOciReference(oci);
  if (parsed === undefined || !('problem' in parsed)) return [];
  return [
    {
      code: 'bad-oci-reference',
      path,
      message: `\`${oci}\` ${parsed.problem}`,
      hint: 'for example: ghcr.io/acme/skills/brand-voice:1.2, or with @sha256:… instead of the tag',
    },
  ];
}

/** The URL of a server, or `git@host:path`. */
const REMOTE = /^(?:(?:https?|ssh):\/\/|(?:[\w.-]+@)?[a-z0-9][a-z0-9.-]*:(?!\/\/|:))/i;

/** A team file that came from somebody else must not give its agents what is in repositories of this machine. */
function checkGitUrl(url: string | undefined, path: Problem['path']): readonly Problem[] {
  if (url === undefined || REMOTE.test(url)) return [];
  return [
    {
      code: 'bad-git-url',
      path,
      message: `skills and plugins come from servers, and \`${url}\` is not the address of one`,
      hint: 'use https://…, ssh://… or git@host:path, or put the skill into a ConfigMap',
    },
  ];
}

function checkPath(text: string | undefined, path: Problem['path']): readonly Problem[] {
  const parts = text?.replace(/\/$/, '').split('/') ?? [];
  if (!parts.some((part) => ['', '.', '..', '.git'].includes(part))) return [];
  return [
    {
      code: 'bad-path',
      path,
      message: `\`${text}\` is not a path of a directory in the repository`,
      hint: 'for example: skills/brand-voice',
    },
  ];
}

function checkTimeout(text: string | undefined, path: Problem['path']): readonly Problem[] {
  if (text === undefined || parseDuration(text) !== undefined) return [];
  return [
    {
      code: 'bad-duration',
      path,
      message: `\`${text}\` is not a duration greater than zero`,
      hint: 'for example: 45s, 5m',
    },
  ];
}
