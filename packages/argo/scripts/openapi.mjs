// Writes argo.openapi.json: the schemas of Argo's Workflow kinds, and of the Kubernetes types that they use.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readModels } from './read-models.mjs';

const require = createRequire(import.meta.url);
const manifest = require.resolve('@kubernetes-models/argo-workflows/package.json');
const models = join(dirname(manifest), 'argoproj.io/v1alpha1');
const kinds = ['Workflow', 'WorkflowTemplate', 'ClusterWorkflowTemplate', 'CronWorkflow'];

const schemas = readModels(
  kinds.map((kind) => join(models, `${kind}.d.ts`)),
  join(dirname(manifest), '../..'),
);

// The models differ from what Argo accepts in three places. Argo names containers itself, and fills in images
// from its configuration.
schemas.CoreV1Container.required = ['image'];
// A claim template inside a Workflow needs no apiVersion and kind.
const header = new Set(['apiVersion', 'kind']);
const claim = schemas.CoreV1PersistentVolumeClaim;
claim.required = claim.required.filter((field) => !header.has(field));
// Parallel steps are a plain list.
schemas.ParallelSteps = { type: 'array', items: { $ref: '#/components/schemas/WorkflowStep' } };

const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
const document = {
  openapi: '3.1.0',
  info: { title: 'Argo Workflows', version },
  paths: {},
  components: { schemas },
};
writeFileSync(new URL('../argo.openapi.json', import.meta.url), JSON.stringify(document, null, 2));
