" SPDX-License-Identifier: Apache-2.0
autocmd BufNewFile,BufRead *.measure,*.scenario setfiletype cordon-measure
