pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// One line of typed text. What the visit holds is shown; the cursor stays when both agree already.
FocusScope {
    id: field

    property string name: ""
    property string label: ""
    property string value: ""
    property string prefix: ""
    property string kind: "writing"
    property int maxLength: 0
    property bool wrong: false

    signal edited(string text)

    activeFocusOnTab: false
    implicitHeight: Math.max(Theme.mm(32), input.implicitHeight + 2 * Theme.mm(5))

    onValueChanged: {
        if (echo.isNews(value) && value !== input.text)
            input.text = value;
    }

    Echo {
        id: echo

        onLost: input.text = field.value
    }

    FieldFrame {
        anchors.fill: parent
        lit: input.activeFocus
        wrong: field.wrong
    }
    Label {
        id: before

        anchors.left: parent.left
        anchors.leftMargin: Theme.mm(8.8)
        anchors.verticalCenter: parent.verticalCenter
        color: Theme.muted
        size: Theme.mm(11.6 * Theme.growth)
        text: field.prefix
        visible: text !== ""
    }
    TextInput {
        id: input

        readonly property string keyboardKind: field.kind

        Accessible.name: field.label
        Accessible.role: Accessible.EditableText
        activeFocusOnTab: true
        anchors.bottom: parent.bottom
        anchors.left: before.visible ? before.right : parent.left
        anchors.leftMargin: before.visible ? Theme.mm(3) : Theme.mm(8.8)
        anchors.right: parent.right
        anchors.rightMargin: Theme.mm(8.8)
        anchors.top: parent.top
        clip: true
        color: Theme.text
        focus: true
        font.family: Theme.family
        font.pixelSize: Theme.mm(11.6 * Theme.growth)
        maximumLength: field.maxLength > 0 ? field.maxLength : 32767
        objectName: "field:" + field.name
        selectByMouse: false
        selectedTextColor: Theme.accentInk
        selectionColor: Theme.accent
        verticalAlignment: TextInput.AlignVCenter

        cursorDelegate: Cursor {
            owner: input
        }

        onTextEdited: {
            echo.sent(text);
            field.edited(text);
        }
    }
    Component.onCompleted: {
        input.text = value;
        input.cursorPosition = input.length;
    }
}
