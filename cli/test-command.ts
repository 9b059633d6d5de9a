/** How a scaffolded test is run by hand. */
const STRIPS_TYPES = [22, 18] as const;

/** Newer releases of Node read TypeScript themselves; older ones need a loader for it. */
export function testCommand(root: string, file: string, version = process.versions.node): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > STRIPS_TYPES[0] || (major === STRIPS_TYPES[0] && minor >= STRIPS_TYPES[1]);
  return `${isNew ? 'node' : 'npx tsx'} --test ${root.replace(/\/$/, '')}/${file}`;
}
