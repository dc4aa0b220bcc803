// A bill of materials in SPDX 2.3: every package of which something is in a bundle, and the programs that
// the image adds. What a scanner reads off an image's disk does not show what is inside a bundle.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './ensure.mjs';

/**
 * @param metafiles of esbuild.
 * @returns an SPDX document. Its date is `SOURCE_DATE_EPOCH` where that is set: the same sources then
 *   give the same bytes.
 */
export function billOfMaterials(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const directories = new Set([...inputs.flatMap(directoryOf), ...programs()]);
  const described = [...directories]
    .map((directory) => JSON.parse(readFileSync(join(ROOT, directory, 'package.json'), 'utf8')))
    .map(({ name, version, license }) => describe(name, version, license))
    .sort((a, b) => (a.SPDXID < b.SPDXID ? -1 : 1));
  // The same version may lie in several places.
  const packages = [...new Map(described.map((one) => [one.SPDXID, one])).values()];
  const seconds = process.env.SOURCE_DATE_EPOCH ?? Date.now() / 1000;
  const digest = createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 16);
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: 'agentteam',
    documentNamespace: `https://spdx.org/spdxdocs/agentteam-${digest}`,
    creationInfo: {
      created: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`,
      creators: ['Tool: agentteam'],
    },
    packages,
    relationships: packages.map(({ SPDXID }) => ({
      spdxElementId: 'SPDXRef-DOCUMENT',
      relationshipType: 'DESCRIBES',
      relatedSpdxElement: SPDXID,
    })),
  };
}

/** Of a bundled file, the directory of its package below node_modules. */
function directoryOf(path) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.slice(0, 1) ?? [];
}

/** Node and Claude Code themselves, for this platform. */
function programs() {
  const platform = `linux-${process.arch}`;
  return [`node-${platform}`, `@anthropic-ai/claude-code-${platform}`]
    .map((name) => `node_modules/${name}`)
    .filter((directory) => existsSync(join(ROOT, directory)));
}

function describe(name, version, license) {
  return {
    SPDXID: `SPDXRef-${`${name}-${version}`.replaceAll(/[^A-Za-z0-9.-]+/g, '-')}`,
    name,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    // What is no expression of SPDX's, such as "SEE LICENSE IN README.md", says nothing there.
    licenseDeclared: /^[\w.+-]+$/.test(license ?? '') ? license : 'NOASSERTION',
    externalRefs: [
      {
        referenceCategory: 'PACKAGE-MANAGER',
        referenceType: 'purl',
        referenceLocator: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      },
    ],
  };
}
