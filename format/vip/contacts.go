// SPDX-License-Identifier: Apache-2.0

package vip

// contactBook holds the rows of contact_information.txt until their owners
// come for them.
type contactBook struct {
	list  []linked[ContactInformation]
	of    map[ID][]ContactInformation // by owner
	taken map[ID]bool                 // owners that came
}

// newContactBook sorts contacts by owner. A contact names its owner in
// parent_id; in older feeds it is the owner that names the contact.
func newContactBook(c *csvFeed, list []linked[ContactInformation]) *contactBook {
	b := &contactBook{list: list, of: map[ID][]ContactInformation{}, taken: map[ID]bool{}}
	at := map[ID]int{}
	for i, x := range list {
		if _, ok := at[x.id]; !ok {
			at[x.id] = i
		}
	}
	claim := func(file, class, column string, owner Element, want ID) {
		i, ok := at[want]
		switch {
		case want == "":
		case !ok:
			c.missingRow(file, class, owner, column, contactTable, want)
		case b.list[i].link == "":
			b.list[i].link = owner.ID
		case b.list[i].link != owner.ID:
			shared := b.list[i]
			shared.link = owner.ID
			b.list = append(b.list, shared)
		}
	}
	for i, s := range c.feed.Sources {
		claim("source", "Source", "feed_contact_information_id", s.Element, c.extras["Source"][i][0])
	}
	for i, p := range c.feed.Persons {
		claim("person", "Person", "contact_information_id", p.Element, c.extras["Person"][i][0])
	}
	for i, o := range c.feed.Offices {
		claim("office", "Office", "contact_information_id", o.Element, c.extras["Office"][i][0])
	}
	for _, x := range b.list {
		b.of[x.link] = append(b.of[x.link], x.value)
	}
	return b
}

// all is every contact of an owner.
func (b *contactBook) all(owner ID) []ContactInformation {
	if owner == "" {
		return nil
	}
	b.taken[owner] = true
	return b.of[owner]
}

// one is the contact of an owner that has room for one.
func (b *contactBook) one(owner ID) *ContactInformation {
	all := b.all(owner)
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}

// handOut gives the classes their contacts.
func (b *contactBook) handOut(f *Feed) {
	for i := range f.Sources {
		f.Sources[i].FeedContactInformation = b.one(f.Sources[i].ID)
	}
	for i := range f.Persons {
		f.Persons[i].ContactInformation = b.all(f.Persons[i].ID)
	}
	for i := range f.Offices {
		f.Offices[i].ContactInformation = b.all(f.Offices[i].ID)
	}
	for i := range f.Candidates {
		f.Candidates[i].ContactInformation = b.one(f.Candidates[i].ID)
	}
}
