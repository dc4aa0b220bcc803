// Converts the TypeScript declarations of a published model package to JSON schemas.
//
// No package publishes Argo's JSON schema. @kubernetes-models/argo-workflows publishes declarations that are
// generated from Argo's own CRDs, with one interface per file and the same optional fields.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';

/**
 * @param {string[]} roots declaration files to start from. The models that they use are read as well.
 * @param {string} modules the node_modules directory in which packages are found.
 * @returns {Record<string, object>} JSON schemas by model name.
 */
export function readModels(roots, modules) {
  const schemas = {};
  const names = new Map();
  const context = { modules, schemas, names, visit: (file) => visit(file, context) };
  for (const root of roots) context.visit(root);
  return schemas;
}

function visit(file, context) {
  const known = context.names.get(file);
  if (known !== undefined) return known;
  const { declaration, alias, imports } = readFile(file);
  const name = shortName(alias);
  if (context.schemas[name] !== undefined)
    throw new Error(`${file}: a second model is called ${name}`);
  // Register the name before reading the model, because a model may refer to itself.
  context.names.set(file, name);
  context.schemas[name] = {};
  const scope = { file, context, imports, own: new Set([declaration.name.text, alias]) };
  const own = ts.isInterfaceDeclaration(declaration)
    ? membersSchema(declaration.members, scope)
    : typeSchema(declaration.type, scope);
  const bases = basesOf(declaration, scope);
  context.schemas[name] = {
    ...(bases.length > 0 ? { allOf: [...bases, own] } : own),
    ...describe(declaration),
  };
  return name;
}

/** A file declares one model `I…` and exports it under a long alias that contains its Go package. */
function readFile(file) {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const imports = new Map();
  let declaration;
  let alias;
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      for (const element of statement.importClause?.namedBindings?.elements ?? []) {
        imports.set(element.name.text, statement.moduleSpecifier.text);
      }
    } else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      if (statement.name.text.startsWith('I')) declaration ??= statement;
    } else if (ts.isExportDeclaration(statement)) {
      for (const element of statement.exportClause?.elements ?? []) {
        if (element.propertyName?.text === declaration?.name.text) alias = element.name.text;
      }
    }
  }
  if (declaration === undefined || alias === undefined) throw new Error(`${file}: no model`);
  return { declaration, alias, imports };
}

const GO_PACKAGES =
  /^(ComGithubArgoprojArgoWorkflowsV4PkgApisWorkflowV1alpha1|IoK8sApimachineryPkg|IoK8sApi)/;

function shortName(alias) {
  return alias.replace(/^I/, '').replace(GO_PACKAGES, '');
}

function locate(specifier, scope) {
  const base = specifier.startsWith('.')
    ? resolve(dirname(scope.file), specifier.replace(/\.js$/, ''))
    : join(scope.context.modules, specifier);
  const found = [`${base}.d.ts`, join(base, 'index.d.ts')].find(existsSync);
  if (found === undefined) throw new Error(`${scope.file}: cannot find ${specifier}`);
  return found;
}

function reference(name, scope) {
  const specifier = scope.imports.get(name);
  if (specifier === undefined && !scope.own.has(name)) {
    throw new Error(`${scope.file}: ${name} is not imported`);
  }
  const target = specifier === undefined ? scope.file : locate(specifier, scope);
  return { $ref: `#/components/schemas/${scope.context.visit(target)}` };
}

/** Embedded Go structs appear as `extends`. TypeMeta only repeats apiVersion and kind. */
function basesOf(declaration, scope) {
  return (declaration.heritageClauses ?? [])
    .flatMap((clause) => [...clause.types])
    .map((base) => base.expression.text)
    .filter((name) => name !== 'TypeMeta')
    .map((name) => reference(name, scope));
}

function typeSchema(node, scope) {
  if (ts.isArrayTypeNode(node))
    return { type: 'array', items: typeSchema(node.elementType, scope) };
  if (ts.isParenthesizedTypeNode(node)) return typeSchema(node.type, scope);
  if (ts.isTypeLiteralNode(node)) return membersSchema(node.members, scope);
  if (ts.isUnionTypeNode(node))
    return unionSchema(node.types.map((type) => typeSchema(type, scope)));
  if (ts.isLiteralTypeNode(node)) {
    return node.literal.kind === ts.SyntaxKind.NullKeyword
      ? { type: 'null' }
      : { const: node.literal.text };
  }
  if (ts.isTypeReferenceNode(node)) {
    const name = node.typeName.getText();
    if (name === 'Array') return { type: 'array', items: typeSchema(node.typeArguments[0], scope) };
    return reference(name, scope);
  }
  switch (node.kind) {
    case ts.SyntaxKind.StringKeyword:
      return { type: 'string' };
    case ts.SyntaxKind.NumberKeyword:
      return { type: 'number' };
    case ts.SyntaxKind.BooleanKeyword:
      return { type: 'boolean' };
    case ts.SyntaxKind.AnyKeyword:
    case ts.SyntaxKind.UnknownKeyword:
      return {};
  }
  throw new Error(`${scope.file}: a ${ts.SyntaxKind[node.kind]} is not handled: ${node.getText()}`);
}

function unionSchema(parts) {
  const literals = parts.every((part) => 'const' in part);
  return literals ? { type: 'string', enum: parts.map((part) => part.const) } : { oneOf: parts };
}

function membersSchema(members, scope) {
  const properties = {};
  const required = [];
  let additionalProperties;
  for (const member of members) {
    if (ts.isIndexSignatureDeclaration(member)) {
      additionalProperties = typeSchema(member.type, scope);
      continue;
    }
    const key = member.name.text;
    properties[key] = { ...typeSchema(member.type, scope), ...describe(member) };
    if (member.questionToken === undefined) required.push(key);
  }
  return {
    type: 'object',
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
    ...(additionalProperties !== undefined && { additionalProperties }),
  };
}

function describe(node) {
  const text = ts
    .getJSDocCommentsAndTags(node)
    .map(({ comment }) =>
      typeof comment === 'string' ? comment : comment?.map((part) => part.text).join(''),
    )
    .filter(Boolean)
    .join('\n');
  return text === '' ? {} : { description: text };
}
