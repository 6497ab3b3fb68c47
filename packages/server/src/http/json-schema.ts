/** The table's schemas as JSON Schema 2020-12, which OpenAPI 3.1 uses as it is, with names for the shapes that have one. */
import { looksOf, namedShapes, operations, partOf, type JsonSchema, type Operation } from '@talaria/protocol/operations';
import { z } from 'zod';

const COMPONENTS = '#/components/schemas/';

export interface SchemaSet {
  readonly components: Readonly<Record<string, JsonSchema>>;
  input(operation: Operation): JsonSchema;
  output(operation: Operation): JsonSchema;
}

export function createSchemas(): SchemaSet {
  const shapes = namedShapes.map(({ name, io, operation, field }) => ({ name, schema: partOf(convert(operations[operation][io], io), field) }));
  const names = new Map(shapes.map(({ name, schema }) => [looksOf(schema), name]));
  // A shape must not be replaced by a reference to itself, only what is inside it.
  const inside = (value: unknown): unknown => (Array.isArray(value) ? value.map(named)
    : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, named(each)])) : value);
  const named = (value: unknown): unknown => {
    const name = isObjectSchema(value) ? names.get(looksOf(value)) : undefined;
    return name === undefined ? inside(value) : { $ref: `${COMPONENTS}${name}` };
  };
  const json = convert(z.json(), 'output');
  return {
    components: Object.fromEntries([...shapes.map(({ name, schema }) => [name, inside(schema)]), ['Json', jsonShape(json)]]) as Record<string, JsonSchema>,
    input: (operation) => inside(convert(operation.input, 'input')) as JsonSchema,
    output: (operation) => named(convert(operation.output, 'output')) as JsonSchema,
  };
}

const isObjectSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'object' && 'properties' in value && value.properties !== undefined;

/** zod puts recursive shapes into `$defs` of each schema; there is one, any JSON value. */
function convert(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, $defs = {}, ...rest } = z.toJSONSchema(schema, { io });
  let text = JSON.stringify(rest);
  for (const name of Object.keys($defs)) text = text.replaceAll(`"#/$defs/${name}"`, `"${COMPONENTS}Json"`);
  return JSON.parse(text) as JsonSchema;
}

function jsonShape(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify(schema).replaceAll('"#"', `"${COMPONENTS}Json"`);
  return { description: 'Any JSON value.', ...JSON.parse(text) as JsonSchema };
}
