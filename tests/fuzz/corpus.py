"""Files that damage begins with: sound ones, and those since that reached new lines."""

from collections import defaultdict

#: Files of a kind that are kept; more would be picked too seldom each.
MOST = 400
#: Bytes beyond which a file is not kept, as a multiple of the largest sound one of its kind.
GROWTH = 3
#: Share of the damage that is done to files which were refused already, in a new way.
REFUSED = 0.1


class Corpus:
    """Contents by suffix.

    Parameters
    ----------
    sound : list of (str, bytes)
        A suffix and a content.
    """

    def __init__(self, sound):
        self._suffixes = [suffix for suffix, _ in sound]
        self._sound = defaultdict(list)
        self._loaded, self._refused = defaultdict(list), defaultdict(list)
        for suffix, content in sound:
            self._sound[suffix].append(content)

    def pick(self, random):
        """A suffix, a content to damage, and another to take parts from."""
        suffix = random.choice(self._suffixes)
        sound, loaded = self._sound[suffix], self._loaded[suffix]
        # What is sound loads most often once it is damaged; what was reached last is followed up.
        pools = [sound, sound, sound, loaded, loaded[-20:]]
        if random.random() < REFUSED:
            pools = [self._refused[suffix][-60:]]
        pools = [pool for pool in pools if pool] or [sound]
        content = random.choice(random.choice(pools))
        return suffix, content, random.choice(random.choice(pools))

    def keep(self, suffix, content, is_refused):
        """Whether the content is kept."""
        if len(content) > GROWTH * max(map(len, self._sound[suffix])):
            return False
        kept = (self._refused if is_refused else self._loaded)[suffix]
        kept.append(content)
        # The first of them lead least far.
        del kept[:-MOST]
        return True
