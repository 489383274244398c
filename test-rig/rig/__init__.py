# SPDX-License-Identifier: Apache-2.0
"""The rig's library: a private network, real servers in it, and QEMU PCs that boot from them.

Start reading at lab.py: a Lab is one network namespace with its servers, its machines and its logs.
"""
