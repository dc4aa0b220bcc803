import { AGENT_TEAM, AGENT_TEAM_RUN, AGENT_TEAM_TEMPLATE, API_VERSION } from '@agentteam/api';
import { LABELS } from '@agentteam/contract';
import type { Logger } from 'pino';
import { type CachedWorkflow, partialWorkflow, trimWorkflow } from './argo/cached-workflow.ts';
import type { Config } from './config.ts';
import type { KubeApi } from './kube/api.ts';
import { AssumeCache } from './kube/assume-cache.ts';
import { Collection } from './kube/collection.ts';
import type { Connection } from './kube/connection.ts';
import { MemoryQuota } from './kube/memory-quota.ts';
import {
  type CachedRun,
  type CachedTeam,
  type CachedTemplate,
  partialResource,
  trimResource,
} from './reconcile/cached-resource.ts';

/** Characters of all cached objects together. Each object takes a few hundred bytes besides. */
const CACHED_CHARACTERS = 128 << 20;

const WORKFLOW = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' };

/** Local copies of everything that the controller watches. */
export interface Caches {
  readonly teams: Collection<CachedTeam>;
  readonly workflows: Collection<CachedWorkflow>;
  readonly templates: Collection<CachedTemplate>;
  readonly runs: Collection<CachedRun>;
  /** Teams and Workflows, with this process's own writes. */
  readonly assumedTeams: AssumeCache<CachedTeam>;
  readonly assumedWorkflows: AssumeCache<CachedWorkflow>;
}

/** Called after an object was added, changed or deleted (`now` is undefined). */
export interface ChangeHandlers {
  readonly onTeam: (key: string, now?: CachedTeam, before?: CachedTeam) => void;
  readonly onWorkflow: (key: string, now?: CachedWorkflow, before?: CachedWorkflow) => void;
  readonly onTemplate: (key: string) => void;
  readonly onRun: (key: string) => void;
}

export function makeCaches(
  { namespaces, relistSeconds }: Config,
  connection: Connection,
  api: KubeApi,
  log: Logger,
  handlers: ChangeHandlers,
): Caches {
  const quota = new MemoryQuota(CACHED_CHARACTERS);
  const watched = { connection, api, relistMs: relistSeconds * 1000, quota, log };
  const own = { ...watched, apiVersion: API_VERSION };
  const teams = new Collection<CachedTeam>(
    {
      ...own,
      ...AGENT_TEAM,
      transform: (object) => trimResource<CachedTeam>(object),
      partial: partialResource<CachedTeam>,
      onChange: (key, team, before) => {
        assumedTeams.observe(key, team);
        handlers.onTeam(key, team, before);
      },
    },
    namespaces,
  );
  const workflows = new Collection<CachedWorkflow>(
    {
      ...watched,
      ...WORKFLOW,
      labelSelector: LABELS.team,
      transform: trimWorkflow,
      partial: partialWorkflow,
      onChange: (key, workflow, before) => {
        assumedWorkflows.observe(key, workflow);
        handlers.onWorkflow(key, workflow, before);
      },
    },
    namespaces,
  );
  const templates = new Collection<CachedTemplate>(
    {
      ...own,
      ...AGENT_TEAM_TEMPLATE,
      transform: (object) => trimResource<CachedTemplate>(object),
      partial: partialResource<CachedTemplate>,
      onChange: handlers.onTemplate,
    },
    namespaces,
  );
  const runs = new Collection<CachedRun>(
    {
      ...own,
      ...AGENT_TEAM_RUN,
      transform: (object) => trimResource<CachedRun>(object),
      partial: partialResource<CachedRun>,
      onChange: handlers.onRun,
    },
    namespaces,
  );
  const assumedTeams = new AssumeCache<CachedTeam>(teams);
  const assumedWorkflows = new AssumeCache<CachedWorkflow>(workflows);
  return { teams, workflows, templates, runs, assumedTeams, assumedWorkflows };
}
