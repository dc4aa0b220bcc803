// Creates a bill of materials in SPDX 2.3 with all packages in the bundles and the programs in the image.
// Scanners of images do not find packages inside a bundle.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './ensure.mjs';

/**
 * @param metafiles esbuild's metafiles of all bundles.
 * @returns an SPDX document. With `SOURCE_DATE_EPOCH` as its date, the same sources give the same bytes.
 */
export function billOfMaterials(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const directories = new Set([...inputs.flatMap(directoryOf), ...programs()]);
  const described = [...directories]
    .map((directory) => JSON.parse(readFileSync(join(ROOT, directory, 'package.json'), 'utf8')))
    .map(({ name, version, license }) => describe(name, version, license))
    .sort((a, b) => (a.SPDXID < b.SPDXID ? -1 : 1));
  // The same version of a package may be installed in several places.
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

/** The directory, below node_modules, of the package that a bundled file belongs to. */
function directoryOf(path) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.slice(0, 1) ?? [];
}

/** The packages of Node and Claude Code for this platform. */
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
    // SPDX does not allow other texts, such as "SEE LICENSE IN README.md".
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
