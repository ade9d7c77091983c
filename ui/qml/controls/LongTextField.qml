pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// Several lines of typed text; it grows with them and the page moves along.
FocusScope {
    id: field

    property string name: ""
    property string label: ""
    property string value: ""
    property string kind: "writing"
    property int maxLength: 0
    property bool wrong: false
    readonly property int pad: Theme.mm(7)

    signal edited(string text)
    signal cursorMoved(Item cursor)

    implicitHeight: frame.height + (counter.visible ? counter.implicitHeight + Theme.mm(2.5) : 0)

    onValueChanged: {
        if (echo.isNews(value) && value !== input.text)
            input.text = value;
    }

    Echo {
        id: echo

        onLost: input.text = field.value
    }

    FieldFrame {
        id: frame

        height: Math.max(Theme.mm(48), input.implicitHeight + 2 * field.pad)
        lit: input.activeFocus
        width: parent.width
        wrong: field.wrong

        MouseArea {
            anchors.fill: parent

            onClicked: input.forceActiveFocus()
        }
    }
    TextEdit {
        id: input

        readonly property string keyboardKind: field.kind

        Accessible.multiLine: true
        Accessible.name: field.label
        Accessible.role: Accessible.EditableText
        activeFocusOnTab: true
        color: Theme.text
        focus: true
        font.family: Theme.family
        font.pixelSize: Theme.mm(11 * Theme.growth)
        objectName: "field:" + field.name
        selectByMouse: false
        selectedTextColor: Theme.accentInk
        selectionColor: Theme.accent
        textFormat: TextEdit.PlainText
        width: field.width - 2 * x
        wrapMode: TextEdit.Wrap
        x: field.pad + Theme.mm(1.5)
        y: field.pad

        cursorDelegate: Cursor {
            id: cursor

            owner: input

            onYChanged: field.cursorMoved(cursor)
        }

        Keys.onTabPressed: event => {
            const next = input.nextItemInFocusChain(true);
            if (next)
                next.forceActiveFocus(Qt.TabFocusReason);
            event.accepted = true;
        }
        onTextChanged: {
            if (field.maxLength > 0 && length > field.maxLength)
                remove(field.maxLength, length);
            else if (text !== field.value || echo.travelling.length > 0) {
                echo.sent(text);
                field.edited(text);
            }
        }
    }
    Label {
        id: counter

        anchors.top: frame.bottom
        anchors.topMargin: Theme.mm(2.5)
        color: Theme.muted
        size: Theme.smallText
        text: Words.fill("field.counter", {
            "count": input.length,
            "limit": field.maxLength
        })
        visible: field.maxLength > 0
        width: parent.width
    }
    Component.onCompleted: {
        input.text = value;
        input.cursorPosition = input.length;
    }
}
