pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import "../controls"
import "../theme"
import "ListSearch.js" as Search

// An entry of a long list: by its heading, or by typing its first letters. A list without parts shows its entries at once.
FocusScope {
    id: picker

    property string name: ""
    property string label: ""
    property var headings: []
    property var value: ""
    property var chosen: value  // what is shown: a touch is seen at once, before the visit has taken it
    property int opened: -1
    property string query: ""
    readonly property int most: 24  // as many as one looks through
    readonly property var entries: Search.entriesOf(headings)
    readonly property var found: Search.matching(entries, query)
    readonly property bool searching: query.trim() !== ""
    readonly property int place: headings.length === 1 ? 0 : opened < headings.length ? opened : -1
    readonly property var shown: searching ? found.slice(0, most) : place >= 0 ? headings[place].options : []
    readonly property string chosenLabel: entries.find(entry => entry.value === chosen)?.label ?? ""
    readonly property bool wide: width > Theme.mm(300)
    readonly property int columns: Theme.growth > 1.5 ? (wide ? 2 : 1) : Theme.enlarged ? (wide ? 3 : 2) : wide ? 4 : 3
    readonly property Echo echo: Echo {
        onLost: picker.chosen = picker.value
    }

    signal edited(string value)

    function choose(value: string): void {
        chosen = value;
        echo.sent(value);
        edited(value);
    }

    // What was typed, and the keyboard, make room for a part of the list.
    function open(place: int): void {
        query = "";
        picker.forceActiveFocus();
        heart.forceActiveFocus();
        opened = place;
        Bridge.visit.stay();
    }

    implicitHeight: pile.implicitHeight

    onValueChanged: {
        if (echo.isNews(value))
            chosen = value;
    }

    Item {
        id: heart  // where the focus rests while nothing is typed
    }
    Column {
        id: pile

        spacing: Theme.mm(5)
        width: parent.width

        MessageLine {
            iconName: "check"
            objectName: "listed:chosen"
            strong: true
            text: Words.text("listed.chosen") + (Words.language === "en" ? ": " : "：") + picker.chosenLabel
            visible: picker.chosenLabel !== ""
            width: parent.width
        }
        Column {
            spacing: Theme.mm(2)
            visible: picker.entries.length > 8
            width: parent.width

            Label {
                color: Theme.muted
                even: true
                size: Theme.smallText
                text: Words.text("listed.search")
                width: parent.width
            }
            TextField {
                kind: "writing"
                label: Words.text("listed.search_say")
                maxLength: 40
                name: picker.name + ":search"
                value: picker.query
                width: parent.width

                onEdited: text => {
                    picker.query = text;
                    Bridge.visit.stay();
                }
            }
        }
        Label {
            color: Theme.muted
            even: true
            objectName: "listed:found"
            size: Theme.supportText
            text: picker.found.length === 0 ? Words.text("listed.not_found") : picker.found.length === 1 ? Words.text("listed.found_one") : Words.fill(picker.found.length > picker.most ? "listed.first_of" : "listed.found", {
                "count": picker.found.length,
                "shown": picker.most
            })
            visible: picker.searching
            width: parent.width
        }
        SecondaryButton {
            iconName: "arrow-left"
            implicitHeight: Math.max(Theme.mm(28), implicitContentHeight + topPadding + bottomPadding)
            objectName: "headings:" + picker.name
            text: Words.text("listed.all")
            visible: !picker.searching && picker.headings.length > 1 && picker.place >= 0
            width: parent.width

            onAct: picker.open(-1)
        }
        Item {
            height: title.implicitHeight
            visible: !picker.searching && picker.headings.length > 1 && picker.place >= 0
            width: parent.width

            Rectangle {
                id: stripe

                border.color: Theme.outline
                border.width: Theme.hairline
                color: visible ? picker.headings[picker.place].colour : "transparent"
                height: parent.height
                radius: Theme.mm(1.6)
                visible: picker.place >= 0 && picker.headings[picker.place].colour !== ""
                width: Theme.mm(7)
            }
            Label {
                id: title

                Accessible.role: Accessible.Heading
                anchors.left: stripe.visible ? stripe.right : parent.left
                anchors.leftMargin: stripe.visible ? Theme.mm(4) : 0
                anchors.right: parent.right
                bold: true
                even: true
                size: Theme.headingText
                text: picker.place >= 0 ? picker.headings[picker.place].label : ""
            }
        }
        GridLayout {
            columnSpacing: Theme.gap
            columns: picker.wide ? (Theme.enlarged ? 2 : 3) : Theme.growth > 1.5 ? 1 : 2
            rowSpacing: Theme.gap
            uniformCellWidths: true
            visible: !picker.searching && picker.place < 0
            width: parent.width

            Repeater {
                model: visible ? picker.headings : []

                HeadingTile {
                    required property int index
                    required property var modelData

                    Layout.fillHeight: true
                    Layout.fillWidth: true
                    Layout.preferredWidth: 1
                    colour: modelData.colour
                    objectName: "heading:" + picker.name + ":" + index
                    text: modelData.label

                    onAct: picker.open(index)
                }
            }
        }
        GridLayout {
            columnSpacing: Theme.gap
            columns: picker.columns
            rowSpacing: Theme.gap
            uniformCellWidths: true
            visible: picker.shown.length > 0
            width: parent.width

            Repeater {
                model: picker.shown

                RatingTile {
                    required property var modelData

                    Layout.fillHeight: true
                    Layout.fillWidth: true
                    Layout.preferredWidth: 1
                    implicitHeight: Math.max(Theme.mm(25), implicitContentHeight + topPadding + bottomPadding)
                    objectName: "tile:" + picker.name + ":" + modelData.value
                    padding: Theme.mm(3)
                    repeatTime: 0
                    selected: picker.chosen === modelData.value
                    text: modelData.label

                    onAct: picker.choose(modelData.value)
                }
            }
            Repeater {
                model: Math.max(0, picker.columns - picker.shown.length)

                Item {
                    Layout.fillWidth: true
                    Layout.preferredWidth: 1
                }
            }
        }
    }
}
