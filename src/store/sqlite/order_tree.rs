//! An ordered set that knows ranks: where a task stands in the queue, in O(log n).
//!
//! A treap in one vector: nodes refer to each other by index, so a million waiting tasks are one allocation of about
//! 40 MB. Heap priorities come from a fixed mixing function, so the same history always gives the same tree.

use std::cmp::Ordering;

const NIL: u32 = u32::MAX;

#[derive(Debug, Clone)]
struct Node<K> {
    key: K,
    heap: u32,
    left: u32,
    right: u32,
    size: u32,
}

/// A set of keys in order.
#[derive(Debug, Clone)]
pub(super) struct OrderTree<K> {
    nodes: Vec<Node<K>>,
    free: Vec<u32>,
    root: u32,
    drawn: u64,
}

impl<K: Ord + Copy> Default for OrderTree<K> {
    fn default() -> Self {
        Self { nodes: Vec::new(), free: Vec::new(), root: NIL, drawn: 0 }
    }
}

impl<K: Ord + Copy> OrderTree<K> {
    /// Number of keys.
    pub(super) fn len(&self) -> usize {
        self.size(self.root) as usize
    }

    /// Number of keys below `key`, whether it is in the set or not.
    pub(super) fn rank(&self, key: &K) -> usize {
        let (mut at, mut below) = (self.root, 0);
        while let Some(node) = self.node(at) {
            match node.key.cmp(key) {
                Ordering::Less => {
                    below += self.size(node.left) as usize + 1;
                    at = node.right;
                }
                Ordering::Equal => return below + self.size(node.left) as usize,
                Ordering::Greater => at = node.left,
            }
        }
        below
    }

    /// Is `key` in the set?
    pub(super) fn contains(&self, key: &K) -> bool {
        let mut at = self.root;
        while let Some(node) = self.node(at) {
            match node.key.cmp(key) {
                Ordering::Less => at = node.right,
                Ordering::Equal => return true,
                Ordering::Greater => at = node.left,
            }
        }
        false
    }

    /// Adds `key`; one that is there already changes nothing.
    pub(super) fn insert(&mut self, key: K) {
        if self.contains(&key) {
            return;
        }
        let new = self.allocate(key);
        let (below, above) = self.split(self.root, &key);
        let left = self.merge(below, new);
        self.root = self.merge(left, above);
    }

    /// Removes `key` if it is there.
    pub(super) fn remove(&mut self, key: &K) {
        if !self.contains(key) {
            return;
        }
        let (below, rest) = self.split(self.root, key);
        let (first, above) = self.split_first(rest);
        if first != NIL {
            self.free.push(first);
        }
        self.root = self.merge(below, above);
        if self.root == NIL {
            // An empty queue gives its memory back.
            *self = Self { drawn: self.drawn, ..Self::default() };
        }
    }

    fn node(&self, at: u32) -> Option<&Node<K>> {
        self.nodes.get(at as usize)
    }

    fn size(&self, at: u32) -> u32 {
        self.node(at).map_or(0, |node| node.size)
    }

    fn allocate(&mut self, key: K) -> u32 {
        self.drawn = self.drawn.wrapping_add(1);
        let node = Node { key, heap: mix(self.drawn), left: NIL, right: NIL, size: 1 };
        if let Some(at) = self.free.pop() {
            self.nodes[at as usize] = node;
            at
        } else {
            self.nodes.push(node);
            (self.nodes.len() - 1) as u32
        }
    }

    fn link(&mut self, at: u32, left: u32, right: u32) {
        let size = self.size(left) + self.size(right) + 1;
        let node = &mut self.nodes[at as usize];
        (node.left, node.right, node.size) = (left, right, size);
    }

    /// Keys below `key`, and the others.
    fn split(&mut self, at: u32, key: &K) -> (u32, u32) {
        let Some(&Node { key: here, left, right, .. }) = self.node(at) else { return (NIL, NIL) };
        if here < *key {
            let (below, above) = self.split(right, key);
            self.link(at, left, below);
            (at, above)
        } else {
            let (below, above) = self.split(left, key);
            self.link(at, above, right);
            (below, at)
        }
    }

    /// The lowest node, and the others.
    fn split_first(&mut self, at: u32) -> (u32, u32) {
        let Some(&Node { left, right, .. }) = self.node(at) else { return (NIL, NIL) };
        if left == NIL {
            return (at, right);
        }
        let (first, rest) = self.split_first(left);
        self.link(at, rest, right);
        (first, at)
    }

    /// One tree of two, every key of the first below every key of the second.
    fn merge(&mut self, below: u32, above: u32) -> u32 {
        let (Some(low), Some(high)) = (self.node(below), self.node(above)) else {
            return if below == NIL { above } else { below };
        };
        if low.heap > high.heap {
            let (left, right) = (low.left, low.right);
            let right = self.merge(right, above);
            self.link(below, left, right);
            below
        } else {
            let (left, right) = (high.left, high.right);
            let left = self.merge(below, left);
            self.link(above, left, right);
            above
        }
    }
}

/// splitmix64's finaliser: well spread heap priorities without a random source.
const fn mix(n: u64) -> u32 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ranks_and_lengths_are_those_of_a_sorted_list() {
        let (mut tree, mut model) = (OrderTree::default(), BTreeSet::new());
        let mut state = 7_u64;
        for step in 0..20_000 {
            state = state.wrapping_add(1);
            let key = mix(state) % 2_000;
            if mix(state ^ 0xffff_0000).is_multiple_of(3) {
                tree.remove(&key);
                model.remove(&key);
            } else {
                tree.insert(key);
                model.insert(key);
            }
            assert_eq!(tree.len(), model.len());
            if step % 16 == 0 {
                let probe = mix(state ^ 0xaaaa) % 2_000;
                assert_eq!(tree.rank(&probe), model.range(..probe).count(), "step {step}");
                assert_eq!(tree.contains(&probe), model.contains(&probe));
            }
        }
        for key in model {
            tree.remove(&key);
        }
        assert_eq!((tree.len(), tree.nodes.capacity()), (0, 0));
    }

    #[test]
    fn keys_in_order_make_no_deep_tree() {
        fn depth(tree: &OrderTree<u32>, at: u32) -> usize {
            tree.node(at).map_or(0, |node| 1 + depth(tree, node.left).max(depth(tree, node.right)))
        }
        let mut tree = OrderTree::default();
        for key in 0..100_000_u32 {
            tree.insert(key);
        }
        assert!(depth(&tree, tree.root) < 60);
        assert_eq!(tree.rank(&99_999), 99_999);
    }
}
