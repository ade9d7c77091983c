pragma ComponentBehavior: Bound
import QtQuick
import "../pickers"
import "../theme"

// One field of a question page: label, hint, the way to answer, and what is wrong beside it.
Column {
    id: view

    required property int index
    required property string name
    required property string kind
    required property string label
    required property var answer
    required property string hint
    required property bool needed
    required property var options
    required property var headings
    required property var picture
    required property string keyboard
    required property int maxLength
    required property string prefix
    required property string earliest
    required property string latest
    required property var problem
    required property var warning
    property string pageTitle: ""
    property bool alone: false  // the title of the page asks already
    readonly property string say: label === "" ? pageTitle : label

    signal wantsSight(Item item)

    function edit(value: var): void {
        Bridge.visit.answer(name, value);
    }

    spacing: Theme.mm(3.3)

    // A page that begins with typing begins with the cursor in the field.
    Component.onCompleted: {
        if (index === 0 && keyboard !== "none" && kind !== "listed")
            (way.item as Item).forceActiveFocus();
    }

    Label {
        bold: true
        even: true
        size: Theme.bodyText
        text: view.label
        visible: text !== "" && text !== view.pageTitle && !(view.alone && ["choice", "multi_choice", "yes_no", "long_text", "date", "time", "when", "listed", "sketch"].includes(view.kind))
        width: parent.width
    }
    Label {
        color: Theme.muted
        even: true
        size: Theme.smallText
        text: view.hint
        visible: text !== ""
        width: parent.width
    }
    Loader {
        id: way

        width: parent.width

        sourceComponent: {
            switch (view.kind) {
            case "choice":
            case "yes_no":
                return tiles;
            case "multi_choice":
                return view.picture === "car" ? car : tiles;
            case "listed":
                return listed;
            case "sketch":
                return sketch;
            case "long_text":
                return longText;
            case "date":
                return date;
            case "time":
                return time;
            case "when":
                return when;
            default:
                return line;
            }
        }
    }
    ProblemLine {
        objectName: "problem:" + view.name
        text: view.problem ? Words.message("problem", view.problem) : ""
        visible: !!view.problem
        width: parent.width
    }
    MessageLine {
        iconName: "info"
        objectName: "warning:" + view.name
        text: view.warning ? Words.message("warning", view.warning) : ""
        visible: !!view.warning
        width: parent.width
    }

    Component {
        id: tiles

        Tiles {
            alone: view.alone
            name: view.name
            options: view.options
            several: view.kind === "multi_choice"
            value: view.answer

            onEdited: value => view.edit(value)
        }
    }
    Component {
        id: car

        CarField {
            name: view.name
            options: view.options
            value: view.answer

            onEdited: value => view.edit(value)
        }
    }
    Component {
        id: listed

        ListPlace {
            headings: view.headings
            label: view.say
            name: view.name
            value: view.answer ?? ""

            onEdited: value => view.edit(value)
        }
    }
    Component {
        id: sketch

        SketchField {
            label: view.say
            maxLength: view.maxLength
            name: view.name
            value: String(view.answer ?? "")

            onEdited: value => view.edit(value)
        }
    }
    Component {
        id: line

        TextField {
            kind: view.keyboard
            label: view.say
            maxLength: view.maxLength
            name: view.name
            prefix: view.prefix
            value: view.answer === null || view.answer === undefined ? "" : String(view.answer)
            wrong: !!view.problem

            onEdited: text => view.edit(text)
        }
    }
    Component {
        id: longText

        LongTextField {
            kind: view.keyboard
            label: view.say
            maxLength: view.maxLength
            name: view.name
            value: String(view.answer ?? "")
            wrong: !!view.problem

            onCursorMoved: cursor => view.wantsSight(cursor)
            onEdited: text => view.edit(text)
        }
    }
    Component {
        id: date

        DatePlace {
            earliest: view.earliest
            latest: view.latest
            name: view.name
            value: view.answer

            onEdited: value => view.edit(value)
        }
    }
    Component {
        id: time

        TimePicker {
            clearable: !view.needed
            value: String(view.answer ?? "")

            onEdited: value => view.edit(value)
        }
    }
    Component {
        id: when

        DatePlace {
            earliest: view.earliest
            latest: view.latest
            moment: true
            name: view.name
            value: view.answer

            onEdited: value => view.edit(value)
        }
    }
}
