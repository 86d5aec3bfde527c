/** Runs before every GPU test file: gives a machine without a GPU a software adapter. */
import { ensureVulkan } from '../../scripts/software-vulkan.mjs';

ensureVulkan();
