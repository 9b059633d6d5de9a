/** Prints the server key of the engine whose folder is its argument, and makes it if there is none. */
import { engineKey } from '../../adapters/machine/engine-key.ts';

console.log(JSON.stringify(engineKey(process.argv[2] as string)));
