/** The project's own lint rules, as a plugin of oxlint in the form that ESLint has, too. `.oxlintrc.json` turns them on. */
import { layersRule } from './layers.mjs';

/** A keyword of TypeScript alone hides nothing at run time, and needs another name in the bundle. */
const privateNames = {
  meta: { type: 'problem', schema: [], messages: { keyword: 'Private members are #private.' } },
  create(context) {
    const check = (node) => {
      if (node.accessibility !== 'private' || node.kind === 'constructor') return;
      context.report({ node, messageId: 'keyword' });
    };
    return { TSParameterProperty: check, PropertyDefinition: check, MethodDefinition: check };
  },
};

export default {
  meta: { name: 'project' },
  rules: { layers: layersRule, 'private-names': privateNames },
};
